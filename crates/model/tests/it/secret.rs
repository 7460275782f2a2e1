use rollcall_model::Secret;

#[test]
fn does_not_print() {
    let secret = Secret::new("hunter2".to_owned());
    assert_eq!(
        format!("{secret} {secret:?} {:#?}", vec![secret.clone()]),
        "[redacted] [redacted] [\n    [redacted],\n]"
    );
    assert_eq!(serde_json::to_string(&secret).unwrap(), "\"[redacted]\"");
    assert_eq!(secret.expose(), "hunter2");
}

#[test]
fn is_read_as_what_it_holds() {
    let secret: Secret<String> = serde_json::from_str("\"hunter2\"").unwrap();
    assert_eq!(secret, Secret::from("hunter2".to_owned()));
    assert_ne!(secret, Secret::from("hunter3".to_owned()));
}
