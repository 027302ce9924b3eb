//! Objects held to their schemas: what the API server's strict validation would refuse.

use std::collections::HashMap;

use catalogue::kubernetes::{KindLookup, SchemaProblem, check_as, check_custom, custom_schema};
use estate::{Kind, Obj};
use tree::NodeRef;

use crate::World;
use crate::fact::{Analysis, Fact, Mark};

/// Whether each object has the fields and types of its kind.
pub struct Fields;

impl Analysis for Fields {
    type Violation = SchemaProblem;

    fn run(world: &World<'_>) -> Vec<Fact<SchemaProblem>> {
        let definitions = definitions(world);
        let mut without_schema: HashMap<(&str, &str), (Obj<'_>, usize)> = HashMap::new();
        let mut facts = Vec::new();
        for object in world.view.objects.iter().map(|&id| world.estate.object(id)) {
            if object.object.partial {
                facts.push(Fact::not_evaluated(object.id, "only its beginning could be read", vec![]));
                continue;
            }
            let (api_version, kind) = (&*object.object.api_version, &*object.object.kind_name);
            let problems = match world.schemas.kind(world.options.kubernetes, api_version, kind) {
                KindLookup::Known(known) => {
                    check_as(world.schemas, world.options.kubernetes, known.of, object.node)
                }
                KindLookup::Foreign => match schema(&definitions, api_version, kind) {
                    Some(schema) => {
                        check_custom(world.schemas, world.options.kubernetes, schema, object.node)
                    }
                    None => {
                        without_schema.entry((api_version, kind)).or_insert((object, 0)).1 += 1;
                        continue;
                    }
                },
                // Another rule says that the API isn't served.
                KindLookup::Removed(_) | KindLookup::NotYet(_) | KindLookup::Missing(_) => continue,
            };
            if problems.is_empty() {
                facts.push(Fact::holds(object.id));
            }
            facts.extend(problems.into_iter().map(|problem| {
                let mark = Mark::at(problem.span, String::new());
                Fact::violated(object.id, problem, vec![mark])
            }));
        }
        facts.extend(without_schema.into_iter().map(|((api_version, kind), (first, n_objects))| {
            let others = match n_objects - 1 {
                0 => String::new(),
                1 => "; one more of this kind isn't either".to_owned(),
                several => format!("; {several} more of this kind aren't either"),
            };
            let why = format!("these files have no schema of {kind} ({api_version}){others}");
            Fact::not_evaluated(first.id, why, vec![Mark::at(first.name_span(), "not held to any schema")])
        }));
        facts.sort_by_key(|fact| fact.subject);
        facts
    }
}

/// CustomResourceDefinitions of the view by group and kind; elsewhere they may be of another version.
fn definitions<'a>(world: &World<'a>) -> HashMap<(&'a str, &'a str), NodeRef<'a>> {
    let definitions = world.of_kind(Kind::CustomResourceDefinition);
    let keyed = definitions.filter_map(|definition| {
        let group = definition.text(&["spec", "group"])?;
        Some(((group, definition.text(&["spec", "names", "kind"])?), definition.node))
    });
    keyed.collect()
}

fn schema<'a>(
    definitions: &HashMap<(&str, &str), NodeRef<'a>>,
    api_version: &str,
    kind: &str,
) -> Option<NodeRef<'a>> {
    let (group, version) = api_version.split_once('/')?;
    custom_schema(*definitions.get(&(group, kind))?, version)
}
