//! Starts the servers in their order, each with the flags it needs on loopback.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::ControlPlane;
use super::process::Server;
use crate::{Scratch, tool};

/// How long a server may take to come up: 5 s on an idle machine, much more beside a busy build.
const START_TIMEOUT: Duration = Duration::from_secs(180);

const TOKEN: &str = "a-token-for-tests-on-loopback";

/// Starts etcd, the API server, the controllers, the scheduler and KWOK.
pub(super) fn start() -> ControlPlane {
    let scratch = Scratch::new("control-plane");
    let [etcd_client, etcd_peer, api_server] = free_ports();
    let etcd = format!("http://127.0.0.1:{etcd_client}");
    write_credentials(&scratch, api_server);
    let mut plane = ControlPlane { servers: Vec::new(), kubeconfig: scratch.join("kubeconfig"), scratch };
    plane.serve("etcd", &etcd_flags(&plane.scratch, &etcd, etcd_peer));
    plane.serve("kube-apiserver", &api_server_flags(&plane.scratch, &etcd, api_server));
    plane.wait_until("the API server is ready", |plane| {
        plane.kubectl(&["get", "--raw", "/readyz"], "").status.success()
    });
    plane.serve("kube-controller-manager", &controller_manager_flags(&plane.scratch));
    plane.serve("kube-scheduler", &scheduler_flags(&plane.scratch));
    plane.serve("kwok", &kwok_flags(&plane.scratch));
    plane.wait_until("service accounts are made", |plane| {
        plane.kubectl(&["get", "serviceaccount", "default"], "").status.success()
    });
    plane
}

impl ControlPlane {
    fn serve(&mut self, name: &str, flags: &[String]) {
        self.servers.push(Server::start(&tool(name), flags, &self.scratch));
    }

    /// Asks until the answer is yes; a server that ended fails at once.
    fn wait_until(&mut self, what: &str, answer: impl Fn(&ControlPlane) -> bool) {
        let deadline = Instant::now() + START_TIMEOUT;
        while !answer(self) {
            if let Some(reason) = self.servers.iter_mut().find_map(Server::ended) {
                panic!("the control plane didn't start: {reason}");
            }
            if Instant::now() > deadline {
                let logs: Vec<String> = self.servers.iter().map(Server::end_of_log).collect();
                panic!("waited {START_TIMEOUT:?} until {what}; the ends of the logs:\n{}", logs.join("\n\n"));
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

/// Ports that were free a moment ago. Another program may take one before the server does: then the server ends, and
/// the test fails saying so.
fn free_ports<const N: usize>() -> [u16; N] {
    let listeners: [TcpListener; N] =
        std::array::from_fn(|_| TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port"));
    listeners.map(|listener| listener.local_addr().expect("a bound socket has an address").port())
}

/// The key that signs service accounts' tokens, the administrator's token and the kubeconfig. The API server makes
/// its own certificate, which is its own authority.
fn write_credentials(scratch: &Scratch, port: u16) {
    let key = scratch.join("service-accounts.key");
    let output = Command::new("openssl")
        .args(["genrsa", "-out"])
        .arg(&key)
        .arg("2048")
        .output()
        .unwrap_or_else(|error| panic!("cannot run openssl, which makes the keys: {error}"));
    assert!(output.status.success(), "openssl: {}", String::from_utf8_lossy(&output.stderr));
    scratch.write("tokens.csv", format!("{TOKEN},admin,admin,system:masters\n"));
    let authority = scratch.join("certificates/apiserver.crt");
    let kubeconfig = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: test\n\
         clusters:\n- name: test\n  cluster: {{server: 'https://127.0.0.1:{port}', certificate-authority: '{}'}}\n\
         users:\n- name: admin\n  user: {{token: {TOKEN}}}\n\
         contexts:\n- name: test\n  context: {{cluster: test, user: admin}}\n",
        authority.display()
    );
    scratch.write("kubeconfig", kubeconfig);
    scratch.write("stages.yaml", include_str!("stages.yaml"));
    fs::create_dir_all(scratch.join("certificates")).expect("a scratch folder can be written to");
}

fn etcd_flags(scratch: &Path, url: &str, peer_port: u16) -> Vec<String> {
    let peer = format!("http://127.0.0.1:{peer_port}");
    flags(&[
        ("data-dir", &path(scratch, "etcd")),
        ("listen-client-urls", url),
        ("advertise-client-urls", url),
        ("listen-peer-urls", &peer),
        ("initial-advertise-peer-urls", &peer),
        ("initial-cluster", &format!("default={peer}")),
        ("unsafe-no-fsync", "true"),
        ("log-level", "warn"),
    ])
}

/// Defaults for admission: Pod Security, ResourceQuota, LimitRanger, ServiceAccount and the rest are on.
fn api_server_flags(scratch: &Path, etcd: &str, port: u16) -> Vec<String> {
    flags(&[
        ("etcd-servers", etcd),
        ("bind-address", "127.0.0.1"),
        ("advertise-address", "127.0.0.1"),
        ("secure-port", &port.to_string()),
        ("cert-dir", &path(scratch, "certificates")),
        ("token-auth-file", &path(scratch, "tokens.csv")),
        ("authorization-mode", "Node,RBAC"),
        ("service-account-issuer", "https://kubernetes.default.svc"),
        ("service-account-key-file", &path(scratch, "service-accounts.key")),
        ("service-account-signing-key-file", &path(scratch, "service-accounts.key")),
        ("service-cluster-ip-range", "10.96.0.0/12"),
        ("allow-privileged", "true"),
        ("endpoint-reconciler-type", "none"),
        ("enable-priority-and-fairness", "false"),
    ])
}

/// Everything but attaching volumes, which waits for a driver on the node that KWOK hasn't got.
fn controller_manager_flags(scratch: &Path) -> Vec<String> {
    flags(&[
        ("kubeconfig", &path(scratch, "kubeconfig")),
        ("secure-port", "0"),
        ("leader-elect", "false"),
        ("service-account-private-key-file", &path(scratch, "service-accounts.key")),
        ("root-ca-file", &path(scratch, "certificates/apiserver.crt")),
        ("use-service-account-credentials", "false"),
        ("controllers", "*,-persistentvolume-attach-detach-controller"),
        ("kube-api-qps", "500"),
        ("kube-api-burst", "1000"),
    ])
}

fn scheduler_flags(scratch: &Path) -> Vec<String> {
    flags(&[
        ("kubeconfig", &path(scratch, "kubeconfig")),
        ("secure-port", "0"),
        ("leader-elect", "false"),
        ("kube-api-qps", "500"),
        ("kube-api-burst", "1000"),
    ])
}

fn kwok_flags(scratch: &Path) -> Vec<String> {
    flags(&[
        ("kubeconfig", &path(scratch, "kubeconfig")),
        ("config", &path(scratch, "stages.yaml")),
        ("manage-all-nodes", "true"),
        ("node-lease-duration-seconds", "40"),
        ("node-ip", "127.0.0.1"),
        ("cidr", "10.0.0.0/16"),
    ])
}

fn flags(pairs: &[(&str, &str)]) -> Vec<String> {
    pairs.iter().map(|(name, value)| format!("--{name}={value}")).collect()
}

fn path(scratch: &Path, name: &str) -> String {
    scratch.join(name).display().to_string()
}
