//! Tag packs: the field's real ones, and those made to mislead, to crash or to bloat.

use std::time::Instant;

use coinhound_app::tags::pack::Reading;
use coinhound_app::tags::{Confidence, Pack, PackError, Subject, TagNetwork};
use expect_test::{Expect, expect};

fn anything(_: &TagNetwork, text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}

fn read(text: &str) -> Result<Pack, PackError> {
    Pack::read(text.as_bytes(), &Reading { check_address: &anything, confidence: None, skip_invalid: false })
}

fn pack(tags: &str) -> String {
    format!(
        "title: T\ncreator: C\nlabel: L\nsource: https://s.example\ncurrency: BTC\nconfidence: forensic\ntags:\n{tags}"
    )
}

fn check_refused(text: &str, expected: Expect) {
    let told = match read(text).expect_err("the pack breaks a rule") {
        PackError::Refused { problems } => problems.iter().map(|problem| format!("{problem}\n")).collect(),
        other => format!("{other}\n"),
    };
    expected.assert_eq(&told);
}

#[test]
fn header_fields_are_inherited_and_the_tag_wins() {
    let pack =
        read(&pack("- address: a\n- address: b\n  label: other\n  category: exchange\n  is_cluster_definer: true\n"))
            .expect("sound");
    let told: Vec<_> = pack
        .tags
        .iter()
        .map(|tag| (tag.subject.text(), tag.label.as_str(), tag.category.as_deref(), tag.is_cluster_definer))
        .collect();
    assert_eq!(told, [("a", "L", None, false), ("b", "other", Some("exchange"), true)]);
    assert_eq!(pack.tags[0].network, TagNetwork::named("btc"));
}

#[test]
fn a_pack_without_source_or_confidence_is_refused_with_every_line_named() {
    check_refused(
        "title: T\ncreator: C\ntags:\n- address: a\n  label: x\n  currency: BTC\n- address: b\n  source: s\n  label: y\n  confidence: sure\n",
        expect![[r#"
            line 4: the tag has no `confidence`, and the header has none to inherit
            line 4: the tag has no `source`, and the header has none to inherit
            line 7: the tag has neither `currency` nor `network`
            line 10: `sure` is not a confidence; known: override, ownership, ledger_immanent, manual_transaction, service_api, forensic_investigation, authority_data, trusted_provider, service_data, forensic, untrusted_transaction, web_crawl, heuristic, unknown
        "#]],
    );
}

#[test]
fn what_a_tag_must_and_must_not_say() {
    let tx = "ab".repeat(32);
    check_refused(
        &format!(
            "{}\n",
            pack(&format!(
                "- label: x\n- address: a\n  tx_hash: {tx}\n- tx_hash: beef\n- address: a\n  lastmod: 2021-13-40\n- address: a\n  is_cluster_definer: maybe\n- address: a\n  source: ''\n  tags: []"
            ))
        ),
        expect![[r#"
            line 8: the tag has neither `address` nor `tx_hash`
            line 9: a tag has either `address` or `tx_hash`, this one has both
            line 11: `beef` is not a transaction hash: expected 64 hexadecimal digits
            line 13: `lastmod: 2021-13-40` is not a date: expected YYYY-MM-DD
            line 15: `is_cluster_definer: maybe` is neither true nor false
            line 16: a tag cannot hold tags, this one holds 0
        "#]],
    );
    check_refused(
        "tags: []\naddress: a\n",
        expect![[r#"
            the header has no `creator`
            the header has no `title`
            the pack's `tags` are empty
            line 2: `address` belongs in a tag, not in the header
        "#]],
    );
    check_refused(
        "title: T\n",
        expect![[r#"
        the header has no `creator`
        the pack has no `tags`
    "#]],
    );
}

#[test]
fn yaml_that_hides_or_multiplies_is_refused() {
    check_refused(
        &pack("- address: a\n  label: x\n  label: y\n"),
        expect![[r#"
            line 10, column 3: duplicate mapping key: label
        "#]],
    );
    check_refused(
        &pack("- address: a\n  <<: {label: y}\n"),
        expect![[r#"
            line 9, column 3: YAML merge keys are not allowed by configured policy
        "#]],
    );
    check_refused(
        &pack("- !include other.yaml\n"),
        expect![[r#"
            line 8, column 12: unsupported tag `!include`
        "#]],
    );
    check_refused(
        &format!("{}---\ntitle: U\n", pack("- address: a\n")),
        expect![[r#"
            line 10, column 1: multiple YAML documents detected
        "#]],
    );
    check_refused(
        "title: [T\n",
        expect![[r#"
            line 1, column 8: expected string scalar
        "#]],
    );
    check_refused(
        "",
        expect![[r#"
            the header has no `creator`
            the header has no `title`
            the pack has no `tags`
        "#]],
    );
}

#[test]
fn bombs_end_before_they_grow() {
    let mut laughs = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for level in 1..30 {
        let again = vec![format!("*a{}", level - 1); 9].join(",");
        laughs.push_str(&format!("a{level}: &a{level} [{again}]\n"));
    }
    let bombs = [
        ("a billion laughs", laughs),
        ("a million aliases", format!("x: &x y\nq: [{}]\n", "*x,".repeat(1_000_000))),
        ("flow nesting", "tags: ".to_owned() + &"[".repeat(100_000)),
        ("block nesting", "tags:\n".to_owned() + &"- ".repeat(100_000)),
        ("map nesting", (0..20_000).map(|depth| format!("{}a:\n", " ".repeat(depth % 900))).collect()),
        ("one endless key", "k".repeat(10_000_000)),
    ];
    for (name, bomb) in bombs {
        let start = Instant::now();
        assert!(read(&bomb).is_err(), "{name} was read");
        // 100 ms is the goal of an optimised build; tests are built for speed of building.
        assert!(start.elapsed().as_millis() < 1_000, "{name} took {:?}", start.elapsed());
    }
    let large = vec![b'#'; 33 << 20];
    let reading = Reading { check_address: &anything, confidence: None, skip_invalid: false };
    assert!(matches!(Pack::read(&large, &reading), Err(PackError::TooLarge { .. })));
    assert!(matches!(Pack::read(b"title: \xff", &reading), Err(PackError::NotText { offset: 7 })));
}

#[test]
fn unknown_fields_and_repeated_tags_are_told_not_dropped_in_silence() {
    let text = pack("- address: a\n  colour: red\n- address: a\n") + "header: x\n";
    let warnings: Vec<String> = read(&text).expect("sound").warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        [
            "line 11: unknown field `header` is ignored (`!include` is not followed)",
            "line 9: unknown field `colour` is ignored",
            "line 10: `a` is tagged the same twice"
        ]
    );
}

#[test]
fn the_importer_can_leave_invalid_tags_out_or_supply_a_confidence_knowingly() {
    let refuse_b = |_: &TagNetwork, text: &str| {
        if text == "b" { Err("`b` is not an address".to_owned()) } else { Ok(text.to_owned()) }
    };
    let text = pack("- address: a\n- address: b\n");
    let strict = Reading { check_address: &refuse_b, confidence: None, skip_invalid: false };
    assert!(matches!(Pack::read(text.as_bytes(), &strict), Err(PackError::Refused { .. })));
    let lenient = Pack::read(text.as_bytes(), &Reading { skip_invalid: true, ..strict }).expect("`a` is sound");
    assert_eq!((lenient.tags.len(), lenient.skipped[0].to_string().as_str()), (1, "line 9: `b` is not an address"));

    let bare = text.replace("confidence: forensic\n", "");
    let given = Reading { check_address: &anything, confidence: Confidence::parse("heuristic"), skip_invalid: false };
    let pack = Pack::read(bare.as_bytes(), &given).expect("the importer vouches");
    assert!(pack.tags.iter().all(|tag| tag.confidence.id == "heuristic"));
}

#[test]
fn what_is_exported_reads_back_the_same() {
    let text = pack(
        "- address: a\n  label: \"=1+1 \\\"q\\\" \\u202e # no: comment\"\n  concepts: [exchange, hot_wallet]\n  context: {n: 1}\n  lastmod: 2021-11-12\n",
    );
    let one = read(&text).expect("sound");
    let again = read(&coinhound_app::tags::export::to_yaml("T", "C", &one.tags)).expect("our own packs are sound");
    let plain = |pack: &Pack| {
        pack.tags.iter().map(|tag| coinhound_app::tags::Tag { line: 0, ..tag.clone() }).collect::<Vec<_>>()
    };
    assert_eq!(plain(&one), plain(&again));
}

#[test]
fn the_real_packs_read_or_are_refused_for_a_true_reason() {
    let Some(folder) = crate::run::data("labels/tagpacks") else { return };
    let mut told = String::new();
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).expect("readable");
        let line = match read(&text) {
            Ok(pack) => {
                let bitcoin = pack
                    .tags
                    .iter()
                    .filter(|tag| tag.network.name == "BTC" && matches!(tag.subject, Subject::Address(_)))
                    .count();
                format!("{name}: {} tags, {bitcoin} on Bitcoin, {} warnings\n", pack.tags.len(), pack.warnings.len())
            }
            Err(PackError::Refused { problems }) => {
                format!("{name}: refused, {} problems; {}\n", problems.len(), problems[0])
            }
            Err(other) => format!("{name}: {other}\n"),
        };
        told.push_str(&line);
    }
    expect![[r#"
        binance_hack.yaml: 44 tags, 44 on Bitcoin, 0 warnings
        blender_io.yaml: 45 tags, 45 on Bitcoin, 0 warnings
        demo.yaml: 5 tags, 1 on Bitcoin, 0 warnings
        exchange-wallets-binance.yaml: 86 tags, 4 on Bitcoin, 0 warnings
        exchange-wallets-bybit.yaml: 8 tags, 4 on Bitcoin, 0 warnings
        exchange-wallets-huobi.yaml: 58 tags, 3 on Bitcoin, 0 warnings
        exchange-wallets-kucoin.yaml: 54 tags, 4 on Bitcoin, 5 warnings
        exchange-wallets-okx.yaml: 36 tags, 23 on Bitcoin, 0 warnings
        graphsense.actorpack.yaml: refused, 1 problems; this is an actor pack: it has `actors`, no `tags`
        hacks.yaml: 608 tags, 608 on Bitcoin, 0 warnings
        lazarus.yaml: 21 tags, 20 on Bitcoin, 0 warnings
        lazarus2.yaml: 6 tags, 6 on Bitcoin, 0 warnings
        ofac.yaml: refused, 572 problems; line 9: the tag has no `confidence`, and the header has none to inherit
        plustoken.yaml: 12 tags, 12 on Bitcoin, 0 warnings
        ransomwhere.yaml: 7457 tags, 7457 on Bitcoin, 0 warnings
        ronin_bridge.yaml: 6 tags, 0 on Bitcoin, 0 warnings
        sinbad_io.yaml: 2 tags, 2 on Bitcoin, 0 warnings
        tornado_cash.yaml: 38 tags, 0 on Bitcoin, 1 warnings
        usdt_blacklist.yaml: 774 tags, 0 on Bitcoin, 0 warnings
        walletexplorer.yaml: 386 tags, 386 on Bitcoin, 0 warnings
        wasabi_collector.yaml: 2 tags, 2 on Bitcoin, 0 warnings
    "#]]
    .assert_eq(&told);
}
