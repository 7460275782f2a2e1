//! Samples cut off at every byte, and with bytes changed, put in and taken out: what is accepted is what serde_json accepts, and what
//! is accepted is mapped as the plain implementation maps it.

use proptest::prelude::*;

use crate::{fuzz, generate};

const SAMPLES: [&str; 6] = [
    r#"{"id":"u1","a":"x","b":{"c":"2024-02-03T04:05:06Z","d":[1,2,{"e":null}]},"next":"p2"}"#,
    r#"{ "id" : 7 , "a" : [ {"b":"ada@example.com","c":"x"}, {"b":" \u00e9\ud83d\ude00 ","c":1}, "y,z" ] , "b" : [ ] }"#,
    r#"{"a":{"b":[{"id":1},{"id":"two"}]},"next":null,"a ":-0.5e+10,"\u0061":[true,false,null,"\"\\\/\b\f\n\r\t"]}"#,
    r#"[{"id":1,"a":{"x":1}},{"a":[[],{}]},"Łącka 美咲 😀",1e400,123456789012345678901234567890]"#,
    r#"{"a":[{"b":[{"id":1},{"id":2}]},{"b":[]},{"b":null},{"b":[3]}],"b":{"x":{"c":"y"},"x":{"c":"z"},"w":1}}"#,
    "\"a text that is longer than one stretch of thirty-two bytes, with \\\"quotes\\\" and ünïcödé in it\"",
];

fn all(data: &[u8]) {
    let mut input = vec![0];
    input.extend_from_slice(data);
    for choice in 0..16 {
        input[0] = choice;
        fuzz::page(&input);
        if choice < 4 {
            fuzz::condition(&input);
            fuzz::mapping(&input);
        }
    }
}

#[test]
fn samples_cut_off_at_every_byte() {
    for sample in SAMPLES {
        for end in 0..=sample.len() {
            all(&sample.as_bytes()[..end]);
        }
    }
}

#[test]
fn every_byte_of_the_samples_replaced() {
    const BYTES: &[u8] = b"\x00\x1f \n\"\\/,:[]{}-+.0eEtnu\x7f\x80\xbf\xc2\xed\xf0\xff";
    for sample in SAMPLES {
        let mut bytes = sample.as_bytes().to_vec();
        for place in 0..bytes.len() {
            let before = bytes[place];
            for byte in BYTES {
                bytes[place] = *byte;
                // One choice for each place is enough: the samples are long.
                let mut input = vec![place as u8];
                input.extend_from_slice(&bytes);
                fuzz::page(&input);
                fuzz::condition(&input);
                fuzz::mapping(&input);
            }
            bytes[place] = before;
        }
    }
}

#[test]
fn depth() {
    for depth in [126, 127, 128, 129, 1000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("{\"zz\":", "}"), ("[{\"b\":", "}]")] {
            let levels = depth / if open.len() == 6 && close.len() == 2 { 2 } else { 1 };
            all(format!("{}1{}", open.repeat(levels), close.repeat(levels)).as_bytes());
        }
        all(format!("{}{}", "[".repeat(depth), "]".repeat(depth)).as_bytes());
        all(format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth)).as_bytes());
    }
}

#[test]
fn texts_of_every_length_at_every_distance_from_the_end() {
    for length in 0..70 {
        for last in ["x", "é", "\\n", "\u{3000}", " "] {
            for behind in ["", " ", "                                        "] {
                let text = format!("{}{last}", "x".repeat(length));
                all(format!("{{\"a\":\"{text}\",\"{text}\":1,\"id\":\"{text}\"}}{behind}").as_bytes());
            }
        }
    }
}

proptest! {
    #![proptest_config(crate::cases(3000))]

    #[test]
    fn mutated(
        (sample, edits) in (prop_oneof![proptest::sample::select(&SAMPLES[..]).prop_map(str::to_owned), generate::record()],
            prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, any::<u8>()), 1..5)),
    ) {
        let mut bytes = sample.into_bytes();
        for (place, edit, byte) in edits {
            if bytes.is_empty() {
                break;
            }
            let place = place.index(bytes.len());
            match edit {
                0 => bytes[place] = byte,
                1 => bytes.insert(place, byte),
                2 => { bytes.remove(place); }
                _ => bytes[place] ^= 1 << (byte % 8),
            }
        }
        all(&bytes);
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        all(&bytes);
    }

    #[test]
    fn any_record(record in generate::record()) {
        all(record.as_bytes());
    }
}
