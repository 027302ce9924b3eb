//! Checks a folder and prints one line per finding, for trying rules on real folders: `cargo run --example check DIR`.

#![allow(clippy::expect_used, reason = "an example")]

use std::path::Path;

use diag::MemoryFiles;

fn collect(root: &Path, at: &Path, files: &mut MemoryFiles) {
    for entry in std::fs::read_dir(at).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if let Ok(bytes) = std::fs::read(&path) {
            files.insert(path.strip_prefix(root).expect("below").to_string_lossy(), bytes);
        }
    }
}

fn main() {
    let root = std::env::args().nth(1).expect("a folder");
    let mut files = MemoryFiles::default();
    collect(Path::new(&root), Path::new(&root), &mut files);
    let start = std::time::Instant::now();
    let (estate, loaded) = estate::load(&files, &estate::LoadOptions::default());
    let load = start.elapsed();
    let findings = analyze::check(&estate, loaded, &analyze::Options::default());
    let all = start.elapsed();
    for finding in &findings {
        let at = finding.locations.first().map(|at| {
            let position = estate.sources.position(at.span);
            format!("{}:{}:{}", estate.sources.path(at.span.file), position.line, position.column)
        });
        let outcome = if finding.outcome == diag::Outcome::NotEvaluated { " (not evaluated)" } else { "" };
        println!(
            "{:?}[{}]{outcome} {}: {}",
            finding.level,
            finding.rule,
            at.unwrap_or_default(),
            finding.message
        );
        if std::env::var("FULL").is_ok() {
            for place in &finding.locations[1.min(finding.locations.len())..] {
                let line = estate.sources.position(place.span).line;
                println!("    {}:{line} {}", estate.sources.path(place.span.file), place.label);
            }
            finding.notes.iter().for_each(|note| println!("    note: {note}"));
            finding.help.iter().for_each(|help| println!("    help: {help}"));
        }
    }
    eprintln!("{:?} load {load:?} all {all:?}, {} findings", estate.counts, findings.len());
}
