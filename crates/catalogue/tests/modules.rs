//! Modules: what is wrong with one, what its settings become, what its expressions say.

use catalogue::module::{Modules, Scene, Situation, fill};
use diag::{MemoryFiles, SourceMap};
use tree::declare::{Item, Keyed};
use tree::{Origin, Val};

fn problems(text: &str) -> Vec<String> {
    let files: MemoryFiles = [("modules/own.yaml", text)].into_iter().collect();
    let findings = Modules::default().add(&files, &mut SourceMap::default());
    findings.into_iter().map(|finding| finding.message).collect()
}

const ENGINE: &str = "\
apiVersion: catalogue.underpin.dev/v1
kind: Engine
metadata: {name: own}
spec:
  title: Own
  version: '1'
  user: 1
  group: 1
  client: {service: own, port: sql, url: '${host}'}
  services: {own: {roles: [node]}}
  roles:
    node:
      purpose: all
      container:
        ports: {sql: 5432}
";

#[test]
fn a_module_of_ones_own_is_read_as_a_shipped_one() {
    assert_eq!(problems(ENGINE), [""; 0]);
}

#[test]
fn names_and_expressions_are_checked_when_it_is_loaded() {
    let check = |from: &str, to: &str, expected: &[&str]| {
        let text = ENGINE.replace(from, to);
        assert_ne!(text, ENGINE);
        assert_eq!(problems(&text), expected);
    };
    check(
        "port: sql",
        "port: sqll",
        &["Engine/own.client.port: there is no port behind the client's service `sqll`; did you mean `sql`?"],
    );
    check(
        "roles: [node]",
        "roles: [nod]",
        &[
            "Engine/own.client.port: there is no port behind the client's service `sql`",
            "Engine/own.services.own.roles[nod]: there is no role `nod`; did you mean `node`?",
        ],
    );
    check(
        "${host}",
        "${hots}",
        &[
            "Engine/own.client.url is not a text, in which `${…}` is an expression: `hots` asks for `hots`, which is no name of \
         modules; did you mean `host`?",
        ],
    );
    check("${host}", "${users}", &["Engine/own.client.url: `users` is a list, not a text"]);
    check("${host}", "${settings.x}", &["Engine/own.client.url: `settings.x`: No such key: x"]);
    check(
        "${host}",
        "${host",
        &["Engine/own.client.url is not a text, in which `${…}` is an expression: a `${` is not closed"],
    );
    check("  version: '1'\n", "", &["Engine/own has no `version`"]);
    check("kind: Engine", "kind: Engin", &["`Engin` is no `kind` of a catalogue module"]);
}

fn given(settings: &[(&str, &str)]) -> Keyed<Val<String>> {
    let origin = Origin::catalogue("test", "given");
    let item =
        |value: &str| Item { origin: origin.clone(), value: Val::new(value.to_owned(), origin.clone()) };
    Keyed(settings.iter().map(|(name, value)| ((*name).to_owned(), item(value))).collect())
}

#[test]
fn settings_are_those_the_engine_knows() {
    let (modules, _) = Modules::shipped();
    let dragonfly = &modules.engines["dragonfly"];
    let situation = Situation { role: "primary".to_owned(), cpu: 4, ..Situation::default() };
    let settings =
        given(&[("maxmemory", "6gb"), ("cachemode", "true"), ("appendonly", "yes"), ("hz", "fast")]);
    let (settled, findings) = dragonfly.settings_for(&settings, &situation);
    let arguments: Vec<_> = settled.iter().filter_map(|one| one.argument.as_deref()).collect();
    assert_eq!(arguments, ["--maxmemory=6gb", "--proactor_threads=4", "--hz=fast"]);
    let messages: Vec<_> =
        findings.iter().map(|finding| (finding.message.as_str(), finding.help.as_deref())).collect();
    assert_eq!(
        messages,
        [
            (
                "DragonflyDB has no setting `cachemode` that its module knows",
                Some("Did you mean `cache_mode`?")
            ),
            (
                "DragonflyDB has no setting `appendonly`",
                Some(
                    "DragonflyDB has no append-only file; use `snapshot_cron`, which bounds what is lost by time."
                ),
            ),
            ("the setting `hz` of DragonflyDB can't be `fast`: it is a whole number", None),
        ]
    );
}

#[test]
fn members_that_differ_get_what_differs() {
    let (modules, _) = Modules::shipped();
    let dragonfly = &modules.engines["dragonfly"];
    let arguments = |role: &str| {
        let members = [("primary".to_owned(), vec!["cache-primary-0.cache-members.data.svc".to_owned()])];
        let mut situation = Situation {
            role: role.to_owned(),
            members: members.into_iter().collect(),
            ..Situation::default()
        };
        let (settled, _) = dragonfly.settings_for(&Keyed::default(), &situation);
        fill(&mut situation, dragonfly, &settled);
        let scene = Scene::new(&situation);
        let args = &dragonfly.roles.get(role).unwrap().container.args;
        let args = args.iter().map(|arg| arg.evaluate(&scene).unwrap());
        args.filter(|arg| !arg.is_empty()).collect::<Vec<_>>()
    };
    let common = [
        "--logtostderr",
        "--dir=/data",
        "--port=6379",
        "--admin_port=6380",
        "--primary_port_http_enabled=false",
    ];
    assert_eq!(arguments("primary"), common);
    assert_eq!(arguments("replica")[5..], ["--replicaof=cache-primary-0.cache-members.data.svc:6379"]);
}
