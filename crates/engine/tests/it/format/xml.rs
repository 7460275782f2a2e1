//! XML as JSON.

use proptest::prelude::*;
use rollcall_connector::definition::Format;
use rollcall_engine::format::{FormatError, Limits, to_json, to_json_within};
use serde_json::{Value, json};

use super::{read, refused, root, says, xml_format};

fn plain(body: impl AsRef<[u8]>) -> Value {
    read(&xml_format(&[]), body)
}

fn broken(body: impl AsRef<[u8]>, words: &str) {
    says(&xml_format(&[]), body, words);
}

#[test]
fn elements_attributes_and_texts_have_their_places() {
    let body = r#"<?xml version="1.0" encoding="UTF-8"?>
        <!-- people -->
        <ns:Response xmlns:ns="urn:example:ns" xmlns="urn:example" status="ok">
          <user id="1" ns:kind='guest'>
            <name>Ada</name>
            <mail type="work">ada@example.com</mail>
            <mail type="home">ada@example.org</mail>
            <note/>
            <empty></empty>
            <blank> </blank>
          </user>
        </ns:Response>"#;
    assert_eq!(
        plain(body),
        json!({"Response": {"@status": "ok", "user": {
            "@id": "1",
            "@kind": "guest",
            "name": "Ada",
            "mail": [{"@type": "work", "#text": "ada@example.com"}, {"@type": "home", "#text": "ada@example.org"}],
            "note": "",
            "empty": "",
            "blank": " ",
        }}})
    );
}

#[test]
fn declared_arrays_are_arrays_even_of_one() {
    let form = xml_format(&["member", "tag"]);
    let body = "<R><Users><member><tag>a</tag></member></Users><Groups/></R>";
    assert_eq!(read(&form, body), json!({"R": {"Users": {"member": [{"tag": ["a"]}]}, "Groups": ""}}));
    let two = "<R><member>1</member><other>x</other><member>2</member></R>";
    assert_eq!(read(&form, two), json!({"R": {"member": ["1", "2"], "other": "x"}}));
    // The answer's path begins with the root element: it stays a member.
    assert_eq!(read(&form, "<member>1</member>"), json!({"member": "1"}));
}

/// A repeated element keeps its order among its own kind.
#[test]
fn repeated_elements_are_gathered() {
    assert_eq!(plain("<r><a>1</a><b/><a>2</a><a><c/></a></r>"), json!({"r": {"a": ["1", "2", {"c": ""}], "b": ""}}));
}

#[test]
fn values_stay_texts() {
    assert_eq!(plain("<r><n>007</n><b>true</b><z>null</z></r>"), json!({"r": {"n": "007", "b": "true", "z": "null"}}));
}

#[test]
fn nil_is_null() {
    let body = r#"<r xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
        <a xsi:nil="true"/><b i:nil="1"></b><c xsi:nil="false">x</c><d xsi:nil="true">x</d><e nil="true"/></r>"#;
    assert_eq!(plain(body), json!({"r": {"a": null, "b": null, "c": "x", "d": "x", "e": {"@nil": "true"}}}));
}

#[test]
fn entities_and_sections_are_text() {
    let body = "<r a=\"1 &lt; 2 &amp; &#x263A;\">a &lt;b&gt; &amp;amp; &quot;&apos;&#233;<![CDATA[ <raw> & ]]>end<!-- no -->.</r>";
    assert_eq!(plain(body), json!({"r": {"@a": "1 < 2 & ☺", "#text": "a <b> &amp; \"'é <raw> & end."}}));
    assert_eq!(plain("<r><![CDATA[]]></r>"), json!({"r": ""}));
    assert_eq!(plain("<r>a\r\nb\rc</r>"), json!({"r": "a\nb\nc"}));
}

#[test]
fn text_between_elements_is_kept_when_it_says_something() {
    assert_eq!(plain("<r>\n  <b>x</b>\n</r>"), json!({"r": {"b": "x"}}));
    assert_eq!(plain("<r>one <b>x</b> two</r>"), json!({"r": {"b": "x", "#text": "one  two"}}));
    assert_eq!(plain("<r a='1'> </r>"), json!({"r": {"@a": "1", "#text": " "}}));
}

#[test]
fn prefixes_go_but_hide_nothing() {
    assert_eq!(plain("<x:r xmlns:x='u'><x:a>1</x:a><a>2</a></x:r>"), json!({"r": {"a": ["1", "2"]}}));
    assert_eq!(plain("<r id='1' x:id='2'/>"), json!({"r": {"@id": "1", "@x:id": "2"}}));
    broken("<r id='1' id='2'/>", "attribute `id` stands twice on `r`");
}

#[test]
fn encodings_are_honoured() {
    let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><r>Jos\xE9</r>";
    assert_eq!(plain(latin), json!({"r": "José"}));
    let windows = b"<?xml version=\"1.0\" encoding=\"windows-1252\"?><r>\x80</r>";
    assert_eq!(plain(windows), json!({"r": "€"}));
    let japanese = b"<?xml version=\"1.0\" encoding=\"Shift_JIS\"?><r>\x83\x4E</r>";
    assert_eq!(plain(japanese), json!({"r": "ク"}));
    let utf_16 = |order: fn(u16) -> [u8; 2], mark: &str, encoding: &str| {
        let text = format!("{mark}<?xml version=\"1.0\" encoding=\"{encoding}\"?><r>José</r>");
        text.encode_utf16().flat_map(order).collect::<Vec<u8>>()
    };
    assert_eq!(plain(utf_16(u16::to_le_bytes, "\u{feff}", "UTF-16")), json!({"r": "José"}));
    assert_eq!(plain(utf_16(u16::to_be_bytes, "\u{feff}", "UTF-16")), json!({"r": "José"}));
    assert_eq!(plain(utf_16(u16::to_be_bytes, "", "UTF-16BE")), json!({"r": "José"}));
    assert_eq!(plain("\u{feff}<?xml version=\"1.0\"?><r>José</r>"), json!({"r": "José"}));
    // Recoded on its way: the declaration cannot be true.
    assert_eq!(plain("<?xml version=\"1.0\" encoding=\"UTF-16\"?><r>José</r>"), json!({"r": "José"}));
    broken(b"<r>Jos\xE9</r>", "it is not text in UTF-8");
    broken("<?xml version=\"1.0\" encoding=\"x-unheard-of\"?><r/>", "unknown encoding `x-unheard-of`");
}

#[test]
fn document_types_are_refused() {
    let bomb = "<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><r>&b;</r>";
    broken(bomb, "a document type declaration, which is refused");
    broken(
        "<?xml version='1.0'?>\n<!DOCTYPE r SYSTEM \"file:///etc/passwd\"><r/>",
        "line 2: a document type declaration",
    );
    broken("<r>&b;</r>", "an entity that XML does not define");
    broken("<r a='&b;'/>", "an attribute's value cannot be read");
    broken("<r>&#xFFFFFFFF;</r>", "an entity that XML does not define");
}

#[test]
fn what_is_broken_is_said_with_its_line() {
    broken("", "expected XML, saw nothing");
    broken("{\"error\":1}", "expected XML, saw JSON");
    broken("Forbidden", "expected XML, saw plain text");
    broken("<!DOCTYPE html><html><title>Sign in</title></html>", "an HTML page titled `Sign in`");
    broken("<html><body/></html>", "an HTML page");
    broken("<r>\n<a>", "line 2: the answer is cut off: `a` is not closed");
    broken("<r>\n<a>x</a>", "the answer is cut off: `r` is not closed");
    broken("<r>\n<a>x</b></r>", "line 2: an end tag that does not fit");
    broken("<r/></r>", "an end tag that does not fit");
    broken("<r><a", "the answer is cut off");
    broken("<r/><r/>", "more than one root element");
    broken("<r/>text", "text outside of the root element");
    broken("<!-- only -->", "there is no element");
    broken("<r>a & b</r>", "it is not well-formed");
}

#[test]
fn depth_and_size_have_limits() {
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    let _fits = plain(nested(64));
    assert_eq!(refused(&xml_format(&[]), nested(65)), FormatError::TooDeep(64));
    assert_eq!(refused(&xml_format(&[]), nested(200_000)), FormatError::TooDeep(64));
    let limits = Limits { bytes: 20, ..Limits::default() };
    let outcome = to_json_within(&xml_format(&[]), &root(), b"<aaaaaaaaaa>bbbbbbbbbbb</aaaaaaaaaa>", &limits);
    assert_eq!(outcome.unwrap_err(), FormatError::TooLarge(20));
    let many: String = (0..1001).map(|n| format!(" a{n}='1'")).collect();
    broken(format!("<r{many}/>"), "more than 1000 attributes");
}

/// A tree in both forms. Names are few, so that elements repeat.
fn element() -> impl Strategy<Value = Node> {
    let leaf = ("[a-c]", "[^\u{0}-\u{1f}\u{7f}-\u{9f}\u{fffe}\u{ffff}]{0,6}").prop_map(|(name, text)| Node {
        name,
        text,
        children: Vec::new(),
    });
    leaf.prop_recursive(4, 40, 6, |inner| {
        ("[a-c]", prop::collection::vec(inner, 1..6)).prop_map(|(name, children)| Node {
            name,
            text: String::new(),
            children,
        })
    })
}

#[derive(Clone, Debug)]
struct Node {
    name: String,
    text: String,
    children: Vec<Node>,
}

impl Node {
    fn xml(&self) -> String {
        let text = self.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let children: String = self.children.iter().map(Self::xml).collect();
        format!("<{0}>{text}{children}</{0}>", self.name)
    }

    fn texts(&self) -> Vec<String> {
        if self.children.is_empty() {
            vec![self.text.clone()]
        } else {
            self.children.iter().flat_map(Self::texts).collect()
        }
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

proptest! {
    /// Every text comes out exactly once, whatever repeats.
    #[test]
    fn no_element_is_lost(node in element()) {
        let mut wanted = node.texts();
        let mut found = texts(&plain(node.xml()));
        wanted.sort();
        found.sort();
        prop_assert_eq!(found, wanted);
    }

    /// A document has one end: no beginning of it is a document.
    #[test]
    fn a_cut_document_is_noticed(node in element(), cut in any::<prop::sample::Index>()) {
        let body = node.xml();
        let head = &body.as_bytes()[..cut.index(body.len())];
        prop_assert!(to_json(&xml_format(&[]), &root(), head).is_err());
    }

    /// Markup thrown together at random: an answer or an error, and what is an answer is JSON.
    #[test]
    fn odd_markup_is_read_or_refused(pieces in prop::collection::vec(
        prop::sample::select(vec!["<a>", "</a>", "<b x='1'>", "</b>", "<c/>", "t", "&lt;", "&x;", "<![CDATA[", "]]>", "<!--", "-->", "<?p", "?>", "<", ">", "&", "\"", "<!DOCTYPE", "=", " ", "<a:b:c d:e:f=''/>", "<:/>", "</>", "<>", "\u{e9}"]),
        0..12,
    )) {
        let body = format!("<r>{}</r>", pieces.concat());
        if let Ok(json) = to_json(&xml_format(&["a"]), &root(), body.as_bytes()) {
            let _tree: Value = serde_json::from_slice(&json).unwrap();
        }
    }
}

#[test]
fn the_form_is_chosen_by_the_connector_not_by_the_body() {
    says(&Format::Json, "<r/>", "saw XML");
    says(&xml_format(&[]), "[]", "saw JSON");
}
