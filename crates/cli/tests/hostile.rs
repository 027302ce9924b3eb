//! Bad input: one finding with place and remedy, everything else still checked, nothing read outside the folder.
#![expect(clippy::expect_used, reason = "a test may")]

mod common;

use std::io::{Read, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};

use common::{command, finished, underpin};
use serde_json::Value;
use testkit::Scratch;

/// Nothing is wrong with it but what it refers to: proof that a file beside a bad one is still checked.
const POD: &str = "apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
    - name: web
      image: web:1
      envFrom: [{configMapRef: {name: settings}}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: nothing}, ports: [{port: 80}]}
";

/// Checks a folder that holds `POD` and something bad; the rules found and the text.
#[track_caller]
fn check(folder: &Scratch, rule: &str, file: &str) {
    folder.write("pod.yaml", POD);
    let (code, out, said) = underpin(folder, &["check", ".", "--format", "json"]);
    assert!(code <= 1, "{code}: {out}{said}");
    let report: Value = serde_json::from_str(&out).expect("JSON");
    let findings = report["findings"].as_array().expect("findings");
    let of_file: Vec<_> =
        findings.iter().filter(|finding| finding["locations"][0]["file"].as_str() == Some(file)).collect();
    assert_eq!(of_file.len(), 1, "{file}: {out}");
    assert_eq!(of_file[0]["rule"], rule, "{out}");
    assert!(of_file[0]["help"].is_string(), "{out}");
    let others = findings.iter().filter(|finding| finding["rule"] == "selector-matches-nothing");
    assert_eq!(others.count(), 1, "the Service is still checked: {out}");
}

#[track_caller]
fn check_file(name: &str, content: impl AsRef<[u8]>, rule: &str) {
    let folder = Scratch::new("hostile");
    folder.write(name, content);
    check(&folder, rule, name);
}

#[test]
fn an_empty_file() {
    check_file("empty.yaml", "", "file-empty");
}

#[test]
fn a_large_file() {
    let value = "v".repeat(100);
    let line = format!("  key: {value}\n");
    check_file(
        "large.yaml",
        format!("apiVersion: v1\nkind: ConfigMap\ndata:\n{}", line.repeat(480_000)),
        "file-unreadable",
    );
}

#[test]
fn a_binary() {
    let bytes: Vec<u8> = (0..100_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    check_file("binary.yaml", bytes, "file-unreadable");
}

#[test]
fn figures_beyond_all_bounds() {
    let manifests = |n: &str| {
        format!(
            "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: shop}}
spec:
  replicas: {n}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
        - {{name: web, image: web:1, resources: {{requests: {{cpu: 9E, memory: {n}}}}}}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {{name: quota, namespace: shop}}
spec: {{hard: {{requests.cpu: 1, pods: {n}}}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: web, namespace: shop}}
spec: {{maxUnavailable: {n}, selector: {{matchLabels: {{app: web}}}}}}
"
        )
    };
    for figure in ["9223372036854775807", "18446744073709551615", "-9223372036854775808", "1e400"] {
        let folder = Scratch::new("hostile");
        folder.write("web.yaml", manifests(figure));
        let (code, out, said) = underpin(&folder, &["check", ".", "--format", "json"]);
        assert_eq!(code, 1, "{figure}: {out}{said}");
        serde_json::from_str::<Value>(&out).expect("JSON");
    }
}

#[test]
fn many_findings_on_one_long_line() {
    let folder = Scratch::new("hostile");
    let keys: Vec<String> = (0..20_000).map(|n| format!("k{n}: 1")).collect();
    let data = keys.join(", ");
    folder.write(
        "line.yaml",
        format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: c}}, data: {{{data}}}}}\n"),
    );
    let begun = std::time::Instant::now();
    let (code, out, said) = underpin(&folder, &["check", "."]);
    assert_eq!(code, 1, "{said}");
    assert!(out.contains("20000 errors"), "{said}");
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}

#[test]
fn windows_line_ends() {
    let folder = Scratch::new("hostile");
    folder.write("pod.yaml", POD);
    let (_, expected, _) = underpin(&folder, &["check", ".", "--format", "json"]);
    folder.write("pod.yaml", POD.replace('\n', "\r\n"));
    let (_, found, _) = underpin(&folder, &["check", ".", "--format", "json"]);
    assert_eq!(found, expected);
    assert!(expected.contains("selector-matches-nothing"), "{expected}");
}

#[test]
fn cyclic_aliases() {
    check_file("cyclic.yaml", "a: &a [*a]\n", "syntax");
}

#[test]
fn an_alias_bomb() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{aliases}]\n");
    }
    check_file("bomb.yaml", bomb, "syntax");
}

#[test]
fn deep_nesting() {
    check_file("deep.yaml", format!("apiVersion: {}", "[".repeat(100_000)), "syntax");
}

#[test]
fn a_symlink_loop_and_a_link_outside() {
    let folder = Scratch::new("hostile");
    symlink(".", folder.join("loop")).expect("a link");
    check(&folder, "file-unreadable", "loop");
    let folder = Scratch::new("hostile");
    symlink("/etc/passwd", folder.join("passwd.yaml")).expect("a link");
    check(&folder, "file-unreadable", "passwd.yaml");
}

#[test]
fn a_pipe() {
    let folder = Scratch::new("hostile");
    let made = Command::new("mkfifo").arg(folder.join("pipe.yaml")).status().expect("mkfifo");
    assert!(made.success());
    check(&folder, "file-unreadable", "pipe.yaml");
}

/// Root reads all, so as root this drops to another user.
#[test]
fn a_file_one_may_not_read() {
    let folder = Scratch::new("hostile");
    folder.write("pod.yaml", POD);
    let secret = folder.write("unreadable.yaml", "a: b\n");
    std::fs::set_permissions(&secret, PermissionsExt::from_mode(0o000)).expect("chmod");
    let program = folder.join("underpin");
    std::fs::copy(env!("CARGO_BIN_EXE_underpin"), &program).expect("a copy that others may run");
    std::fs::set_permissions(&*folder, PermissionsExt::from_mode(0o755)).expect("chmod");
    let mut command = Command::new("setpriv");
    let is_root = Command::new("id").arg("-u").output().expect("id").stdout == b"0\n";
    if is_root {
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    }
    let (code, out, said) =
        finished(command.arg(&program).args(["check", "."]).current_dir(&*folder).output().expect("setpriv"));
    assert!(code <= 1 && out.contains("unreadable.yaml can't be read"), "{code} {out} {said}");
    assert!(out.contains("selector-matches-nothing"), "{out}");
}

#[test]
fn no_such_path_is_usage() {
    let folder = Scratch::new("hostile");
    let (code, _, said) = underpin(&folder, &["check", "nothing-here"]);
    assert_eq!(code, 2, "{said}");
    assert_eq!(underpin(&folder, &["check", ".", "--frobnicate"]).0, 2);
    assert_eq!(underpin(&folder, &["check", ".", "--kubernetes", "1.2"]).0, 2);
    assert_eq!(underpin(&folder, &["--help"]).0, 0);
}

#[test]
fn a_folder_that_is_no_platform() {
    let folder = Scratch::new("hostile");
    folder.write("pod.yaml", POD);
    let (code, out, _) = underpin(&folder, &["build", "."]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("error[") && out.contains("help"), "{out}");
    assert!(!folder.join("out").exists());
}

#[test]
fn standard_input() {
    let folder = Scratch::new("hostile");
    let mut child = command(&folder, &["check", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("underpin starts");
    child.stdin.take().expect("a pipe").write_all(POD.as_bytes()).expect("it reads");
    let (code, out, _) = finished(child.wait_with_output().expect("it ends"));
    assert!(code <= 1 && out.contains("selector-matches-nothing"), "{out}");
}

#[test]
fn a_reader_that_goes_away() {
    let folder = Scratch::new("hostile");
    folder.write(
        "pods.yaml",
        POD.repeat(200).replace("\napiVersion: v1\nkind: Pod", "\n---\napiVersion: v1\nkind: Pod"),
    );
    let mut child = command(&folder, &["check", "."])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("underpin starts");
    let mut first = [0; 10];
    child.stdout.take().expect("a pipe").read_exact(&mut first).expect("some output");
    let (_, _, said) = finished(child.wait_with_output().expect("it ends"));
    assert!(!said.contains("panic"), "{said}");
}

/// Whatever is wrong with a Secret, no output shows what it holds.
#[test]
fn secrets_never_show() {
    let canary = "c4n4ry";
    let broken = [
        format!("data:\n  a: {canary}: {canary}\n"),
        format!("stringData:\n  a: {canary}1\n  a: {canary}2\n"),
        format!("stringData:\n  a: |\n    {canary}\n   {canary}\n"),
        format!("stringData:\n  url: redis://u:{canary}@h\n  b: [{canary}]\n"),
        format!("data: {canary}\n"),
        format!("stringData: &x\n  a: {canary}\n  b: *y\n"),
        "data:\n  a: 'c4n4ry\n".to_owned(),
        format!("data:\n\t{canary}: {canary}\n"),
    ];
    for secret in broken {
        let folder = Scratch::new("hostile");
        for (name, kind) in [("before", "kind: Secret\n"), ("after", "")] {
            let last = if kind.is_empty() { "kind: Secret\n" } else { "" };
            let text =
                format!("apiVersion: v1\n{kind}metadata: {{name: s, namespace: shop}}\n{secret}{last}");
            folder.write(&format!("{name}.yaml"), text);
        }
        for format in ["text", "json"] {
            let (code, out, said) = underpin(&folder, &["check", ".", "--format", format]);
            assert!(code <= 1, "{said}");
            assert!(!out.contains("4n4") && !said.contains("4n4"), "{secret}\n{out}{said}");
        }
    }
}
