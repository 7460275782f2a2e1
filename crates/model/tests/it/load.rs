use rollcall_model::{Model, Operator, Type};

fn fault(text: &str) -> String {
    Model::parse("m", &[("r.yaml", text)]).unwrap_err().to_string()
}

#[test]
fn mistakes_say_where() {
    assert_eq!(fault("resource: r\nmethods: [list, drop]\ndescription: d\n"), "r.yaml:2:17: unknown method `drop`");
    assert_eq!(
        fault("resource: r\ndescription: d\nfields:\n  a: {type: text, description: d}\n"),
        "r.yaml:4:6: unknown type `text`"
    );
    assert_eq!(
        fault("resource: r\ndescription: d\nfields:\n  a: {type: id}\n"),
        "r.yaml:4:6: `description` is missing"
    );
    assert_eq!(fault("resource: r\ndescription: d\nfeilds: {}\n"), "r.yaml:3:9: unknown key `feilds`");
    assert_eq!(fault("resource: r\ndescription: d\nsortable: [a]\n"), "r.yaml:3:12: no field `a`");
    assert_eq!(
        fault("resource: r\ndescription: d\nsame_as: users\n"),
        "r.yaml:3:10: no resource `users` before this one"
    );
    assert_eq!(fault("resource: r\ndescription: d\nparameters:\n  a: {of: b}\n"), "r.yaml:4:6: no field `b`");
}

#[test]
fn a_parameter_takes_type_and_meaning_of_its_field() {
    let text = "resource: r\ndescription: d\nfields:\n  at: {type: date, description: When}\n\
                parameters:\n  at: {of: at}\n  org: {type: id, description: Where}\n";
    let model = Model::parse("m", &[("r.yaml", text)]).unwrap();
    let resource = model.resource("r").unwrap();
    let at = resource.parameter("at").unwrap();
    assert_eq!((&at.ty, at.description.as_str()), (&Type::Date, "When"));
    assert_eq!(at.operators, [Operator::Gt, Operator::Gte, Operator::Lt, Operator::Lte]);
    let org = resource.parameter("org").unwrap();
    assert_eq!((&org.ty, &org.of, org.operators.len()), (&Type::Id, &None, 0));
}
