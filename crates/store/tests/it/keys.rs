//! Master keys: their texts, their file, and what is derived from them.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use rollcall_store::{Error, MasterKeys};

use crate::world::Folder;

/// The 32 bytes 0, 1, 2, …; its SHA-256 begins with 630dcd2966c43366.
const COUNTING: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const ID: &str = "630dcd2966c43366";

#[test]
fn a_key_is_32_bytes_in_base64() {
    for text in [COUNTING, COUNTING.trim_end_matches('='), &format!(" {COUNTING}\n")] {
        assert_eq!(MasterKeys::from_base64(text, &[]).unwrap().ids(), [ID]);
    }
    for text in [
        "",
        "AAAA",
        &COUNTING[4..],
        &format!("{COUNTING}AAAA"),
        &COUNTING.replace('A', "!"),
        "correct horse battery staple",
    ] {
        let error = MasterKeys::from_base64(COUNTING, &[COUNTING, text]).unwrap_err();
        assert_eq!(error.to_string(), "master key 3 is not 32 bytes in base64");
    }
}

#[test]
fn keys_print_their_ids_alone() {
    let other = MasterKeys::generate_base64().unwrap();
    let keys = MasterKeys::from_base64(COUNTING, &[&other, COUNTING]).unwrap();
    let ids = keys.ids();
    assert_eq!((ids.len(), ids[0].as_str()), (2, ID), "a key that is given twice counts once");
    assert_eq!(format!("{keys:?}"), format!("MasterKeys({ids:?})"));
}

#[test]
fn generated_keys_are_good_and_differ() {
    let keys: HashSet<String> = (0..100).map(|_| MasterKeys::generate_base64().unwrap()).collect();
    assert_eq!(keys.len(), 100);
    for key in &keys {
        MasterKeys::from_base64(key, &[]).unwrap();
    }
}

/// Values from another implementation of RFC 5869: salt `rollcall master key`, info with each part behind its length in 8 bytes.
#[test]
fn derived_keys_depend_on_purpose_and_master_alone() {
    let other = MasterKeys::generate_base64().unwrap();
    let keys = MasterKeys::from_base64(COUNTING, &[&other]).unwrap();
    let cursors = keys.derive("cursors").unwrap();
    assert_eq!(cursors.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>(), keys.ids());
    let hex: String = cursors[0].1.expose().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "0566c1bb81b04335e79610bf368882f1a5118f80388e0a0de9d21aa031d6440c");
    assert!(cursors == MasterKeys::from_base64(COUNTING, &[&other]).unwrap().derive("cursors").unwrap());
    let all: HashSet<[u8; 32]> = ["cursors", "cursor", ""]
        .iter()
        .flat_map(|purpose| keys.derive(purpose).unwrap())
        .map(|(_, key)| *key.expose())
        .collect();
    assert_eq!(all.len(), 6);
}

#[test]
fn a_key_file_is_made_once_and_for_its_owner() {
    let folder = Folder::new();
    let path = folder.path().join("keys");
    let made = MasterKeys::load_or_create(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    assert_eq!(MasterKeys::load_or_create(&path).unwrap().ids(), made.ids());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn of_several_that_make_it_at_once_all_have_the_same_key() {
    for _ in 0..20 {
        let folder = Folder::new();
        let path = folder.path().join("keys");
        let makers: Vec<_> = (0..8)
            .map(|_| {
                let path = path.clone();
                std::thread::spawn(move || MasterKeys::load_or_create(&path).unwrap().ids())
            })
            .collect();
        let ids: HashSet<Vec<String>> = makers.into_iter().map(|maker| maker.join().unwrap()).collect();
        assert_eq!(ids.len(), 1);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn a_key_file_has_the_current_key_first() {
    let folder = Folder::new();
    let path = folder.path().join("keys");
    let old = MasterKeys::generate_base64().unwrap();
    write(&path, &format!("# since May\n{COUNTING}\n\n  {old}  \n"), 0o600);
    let expected = MasterKeys::from_base64(COUNTING, &[&old]).unwrap();
    assert_eq!(MasterKeys::load_or_create(&path).unwrap().ids(), expected.ids());
}

#[test]
fn a_key_file_that_is_no_secret_or_no_key_file_is_refused() {
    let folder = Folder::new();
    let path = folder.path().join("keys");
    let refusal = |path: &std::path::Path| match MasterKeys::load_or_create(path) {
        Err(Error::KeyFile { problem, .. }) => problem,
        other => panic!("{other:?}"),
    };
    for mode in [0o640, 0o604, 0o660, 0o601, 0o644] {
        write(&path, COUNTING, mode);
        assert!(refusal(&path).contains(&format!("may be read by others (mode {mode:04o})")), "{mode:o}");
    }
    for text in ["", "\n\n", "# nothing\n"] {
        write(&path, text, 0o600);
        assert_eq!(refusal(&path), "holds no key");
    }
    write(&path, &"x".repeat(70_000), 0o600);
    assert_eq!(refusal(&path), "is not a file of keys");
    write(&path, &format!("{COUNTING}\nnot a key\n"), 0o400);
    assert!(matches!(MasterKeys::load_or_create(&path), Err(Error::MasterKeyForm { position: 2 })));
    assert_eq!(refusal(folder.path()), "is not a file of keys");
    assert!(refusal(&folder.path().join("none/keys")).starts_with("cannot be used: "));
    assert!(!folder.path().join("none").exists());
}

fn write(path: &std::path::Path, text: &str, mode: u32) {
    drop(fs::remove_file(path));
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
