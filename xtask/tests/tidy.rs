//! The tree keeps its own rules: dependency directions, opening lines, function length.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What each crate may depend on, of ours. The picture in ARCHITECTURE.md; a dev-dependency on
/// `testkit` or `sim` is always allowed.
const ALLOWED: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("chains", &["model"]),
    ("store", &["model"]),
    ("analysis", &["model"]),
    ("ingest", &["model", "chains", "store", "analysis"]),
    ("sim", &["model", "chains"]),
    ("testkit", &["model", "chains", "sim"]),
    ("app", &["model", "chains", "store", "analysis", "ingest", "sim"]),
];

const FUNCTION_LINES_MAX: usize = 70;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").to_owned()
}

fn files(dir: &Path, ending: &str, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(dir).expect("readable").map(|e| e.expect("readable").path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                files(&path, ending, into);
            }
        } else if name.ends_with(ending) {
            into.push(path);
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    files(&root(), ".rs", &mut paths);
    assert!(paths.len() > 20, "the walk found only {} files", paths.len());
    paths
        .iter()
        .map(|p| {
            (p.strip_prefix(root()).expect("below root").display().to_string(), fs::read_to_string(p).expect("utf-8"))
        })
        .collect()
}

/// The section names and `coinhound-*` names of a manifest, in order.
fn our_dependencies(manifest: &str, section: &str) -> Vec<String> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.trim() == format!("[{section}]");
        } else if inside && let Some(rest) = line.strip_prefix("coinhound-") {
            found.push(rest.split(['.', ' ', '=']).next().unwrap_or_default().to_owned());
        }
    }
    found
}

#[test]
fn crates_depend_only_in_the_direction_of_flow() {
    for (name, allowed) in ALLOWED {
        let path = root().join("crates").join(name).join("Cargo.toml");
        let manifest = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        for dependency in our_dependencies(&manifest, "dependencies") {
            assert!(allowed.contains(&dependency.as_str()), "crate `{name}` may not depend on `{dependency}`");
        }
    }
    let crates: Vec<_> = fs::read_dir(root().join("crates")).expect("readable").collect();
    assert_eq!(crates.len(), ALLOWED.len(), "a crate is missing from the table of allowed dependencies");
}

#[test]
fn every_file_opens_with_what_it_is() {
    let silent: Vec<_> = sources().into_iter().filter(|(_, text)| !text.starts_with("//! ")).map(|(p, _)| p).collect();
    assert!(silent.is_empty(), "no `//!` line at the top of {silent:?}");
}

#[test]
fn no_unfinished_marks() {
    let marks = [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("dbg", "!("), concat!("FIX", "ME")];
    for (path, text) in sources() {
        for mark in marks {
            assert!(!text.contains(mark), "{path} holds `{mark}`");
        }
    }
}

#[test]
fn unsafe_code_stays_in_the_module_that_maps_files() {
    let word = concat!("uns", "afe ");
    let with: Vec<_> = sources()
        .into_iter()
        .filter(|(_, text)| text.contains(&format!("{word}{{")) || text.contains(&format!("{word}impl")))
        .map(|(p, _)| p)
        .collect();
    assert!(with.len() <= 1 && with.iter().all(|p| p.starts_with("crates/store/src/storage/")), "{with:?}");
}

/// Length of every function, found by its closing brace at the indentation of its `fn`.
fn function_lengths(text: &str) -> BTreeMap<String, usize> {
    let lines: Vec<&str> = text.lines().collect();
    let mut lengths = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        let trimmed = line.trim_start();
        let Some(position) = trimmed.find("fn ") else { continue };
        let qualifiers = &trimmed[..position];
        if !qualifiers
            .split_whitespace()
            .all(|w| matches!(w, "pub" | "const" | "async" | "extern") || w.starts_with("pub("))
        {
            continue;
        }
        let ends_signature = |line: &&&str| line.ends_with(['{', '}', ';']);
        if lines[at..].iter().find(ends_signature).is_some_and(|line| line.ends_with(';')) {
            continue; // a trait's declaration: no body
        }
        let indent = &line[..line.len() - trimmed.len()];
        let close = format!("{indent}}}");
        if let Some(length) = lines[at..].iter().position(|l| **l == close) {
            lengths.insert(format!("{} (line {})", trimmed.chars().take(60).collect::<String>(), at + 1), length + 1);
        }
    }
    lengths
}

#[test]
fn no_function_outgrows_a_screen() {
    let long: Vec<_> = sources()
        .into_iter()
        .flat_map(|(path, text)| {
            function_lengths(&text).into_iter().map(move |(name, length)| (path.clone(), name, length))
        })
        .filter(|(_, _, length)| *length > FUNCTION_LINES_MAX)
        .collect();
    assert!(long.is_empty(), "functions over {FUNCTION_LINES_MAX} lines: {long:#?}");
}

#[test]
fn the_ci_script_runs_exactly_the_readme_test_command() {
    let readme = fs::read_to_string(root().join("README.md")).expect("README.md");
    let script = fs::read_to_string(root().join(".ci/run")).expect(".ci/run");
    let command = "cargo xtask test";
    assert!(
        readme.lines().any(|line| line.trim() == command),
        "README.md does not show `{command}` on a line of its own"
    );
    assert_eq!(script.lines().rfind(|line| !line.trim().is_empty()), Some(command));
}

#[test]
fn binary_fixtures_carry_their_provenance() {
    let mut fixtures = Vec::new();
    for ending in [".dat", ".raw", ".bin", ".zst", ".sqlite"] {
        files(&root(), ending, &mut fixtures);
    }
    for fixture in fixtures {
        let note = fixture.with_extension("source.md");
        assert!(note.exists(), "{} has no {} that says where it came from", fixture.display(), note.display());
    }
}
