//! Expressions that give a list.

use rollcall_model::{Key, Type};
use serde_json::{Map, Value as Json};

use super::scalar::at_key;
use super::shape::{cast, expression};
use super::{At, Compiler, Trail, Within};
use crate::path;
use crate::plan::{Elements, Item, List, Members, Object, Part, Place, Scalar, Walk};
use crate::problem::did_you_mean;

/// Lists put together by the mapping leave out what repeats; a list of the provider is taken as it is.
pub(crate) fn is_unique(list: &List) -> bool {
    match list {
        List::Fixed(items) => items.len() > 1,
        List::Concat(_) => true,
        List::First(lists) => lists.iter().any(is_unique),
        List::Cases(cases) => cases.iter().any(|case| is_unique(&case.then)),
        List::Each { .. } | List::Nothing => false,
    }
}

impl Compiler<'_> {
    pub(super) fn list(&mut self, value: &Json, item: &Type, key: Option<&Key>, at: &At) -> Option<List> {
        match value {
            Json::Array(items) if items.is_empty() => {
                self.problem(at, "an empty list says nothing", Some("remove it, or write its items".into()));
                None
            }
            Json::Array(items) => {
                let items: Vec<_> = items
                    .iter()
                    .enumerate()
                    .map(|(index, value)| self.item(value, item, key, &at.item(index)))
                    .collect();
                items.into_iter().collect::<Option<_>>().map(List::Fixed)
            }
            Json::String(text) if path::is_path(text) => self.path_list(text, item, at),
            Json::Object(map) => match expression(map) {
                Some(keys) => self.list_map(map, keys, item, key, at),
                None => {
                    self.unknown_expression(map, at);
                    None
                }
            },
            _ => {
                self.problem(
                    at,
                    format!("`{}` is a list", at.field),
                    Some("write `[…]`, `{each: …, item: …}` or a path".into()),
                );
                None
            }
        }
    }

    fn list_map(
        &mut self,
        map: &Map<String, Json>,
        keys: &[&str],
        item: &Type,
        key: Option<&Key>,
        at: &At,
    ) -> Option<List> {
        let name = keys.first().copied().unwrap_or_default();
        let fits = self.check_keys(map, keys, at);
        let inner = at.member(name);
        let value = map.get(name)?;
        let list = match name {
            "each" => self.each(map, item, key, at),
            "concat" => self.lists(value, name, item, key, &inner).map(List::Concat),
            "first" => self.lists(value, name, item, key, &inner).map(List::First),
            "cases" => {
                let cases = self.cases(value, &inner, |compiler, then, at| {
                    if then.is_null() { Some(List::Nothing) } else { compiler.list(then, item, key, at) }
                });
                cases.map(List::Cases)
            }
            "split" if item.is_scalar() => {
                let split = self.split(map, at)?;
                if split.take != Part::All {
                    // One part of a text is a list of one.
                    return Some(List::Fixed(vec![Item::Scalar(Scalar::Split(Box::new(split)), cast(item), at.name)]));
                }
                let (frame, place) = self.made_frame();
                let walk = Walk { from: Elements::Split(Box::new(split), frame), entries: false };
                let item = Item::Scalar(Scalar::Path(place), cast(item), at.name);
                Some(List::Each { walk, condition: None, item, name: at.name, lone: true })
            }
            "lookup" => self.lookup_list(map, item, key, at),
            _ if item.is_scalar() => {
                let scalar = self.scalar(&Json::Object(map.clone()), Some(item), at)?;
                return Some(List::Fixed(vec![Item::Scalar(scalar, cast(item), at.name)]));
            }
            _ => {
                let hint = "write `[…]`, or `{each: …, item: …}` around it";
                self.problem(at, format!("`{name}` gives one value, and `{}` is a list", at.field), Some(hint.into()));
                None
            }
        }?;
        fits.then_some(list)
    }

    fn lists(&mut self, value: &Json, name: &str, item: &Type, key: Option<&Key>, at: &At) -> Option<Vec<List>> {
        let Some(lists) = value.as_array().filter(|lists| !lists.is_empty()) else {
            self.problem(at, format!("`{name}` takes a list of lists"), None);
            return None;
        };
        let lists: Vec<_> =
            lists.iter().enumerate().map(|(index, value)| self.list(value, item, key, &at.item(index))).collect();
        lists.into_iter().collect()
    }

    /// A path to an array of plain values.
    fn path_list(&mut self, text: &str, item: &Type, at: &At) -> Option<List> {
        if !item.is_scalar() {
            let hint = format!("say what an item is: `{{each: {text}, item: {{…}}}}`");
            self.problem(at, format!("`{}` is a list of objects", at.field), Some(hint));
            return None;
        }
        let target = self.path(text, at)?;
        let frame = self.core.tree.walked(target.node, false);
        let element = Place { slot: self.core.tree.slot(self.core.tree.frame_root(frame)), outer: false };
        self.note(at, &target.trail);
        let walk = Walk { from: Elements::Scanned(target.place), entries: false };
        let item = Item::Scalar(Scalar::Path(element), cast(item), at.name);
        Some(List::Each { walk, condition: None, item, name: at.name, lone: true })
    }

    fn each(&mut self, map: &Map<String, Json>, item: &Type, key: Option<&Key>, at: &At) -> Option<List> {
        let walk = self.walk(map.get("each")?, "each", at);
        let value = self.needed(map, "item", at);
        let (walk, element) = walk?;
        let condition = map.get("where").map(|value| self.condition(value, &at_key(&element, at, "where")));
        let item = self.item(value?, item, key, &at_key(&element, at, "item"))?;
        let condition = match condition {
            None => None,
            Some(condition) => Some(condition?),
        };
        Some(List::Each { walk, condition, item, name: at.name, lone: false })
    }

    /// One item of a list.
    fn item(&mut self, value: &Json, ty: &Type, key: Option<&Key>, at: &At) -> Option<Item> {
        match ty {
            Type::Object { fields } => self.object(value, fields, key, at).map(Item::Object),
            scalar => Some(Item::Scalar(self.scalar(value, Some(scalar), at)?, cast(scalar), at.name)),
        }
    }

    /// All that a `many` table holds for a key.
    fn lookup_list(&mut self, map: &Map<String, Json>, item: &Type, key: Option<&Key>, at: &At) -> Option<List> {
        let (mut lookup, table) = self.lookup(map, at)?;
        let Type::Object { fields } = item else {
            let Some(take) = lookup.take.take().and_then(|take| String::from_utf8(take.into()).ok()) else {
                self.problem(
                    at,
                    "`lookup` needs `take` here",
                    Some(crate::problem::one_of(table.kept.iter().copied())),
                );
                return None;
            };
            if !table.many {
                lookup.take = Some(take.into_bytes().into());
                let item = Item::Scalar(Scalar::Lookup(Box::new(lookup)), cast(item), at.name);
                return Some(List::Fixed(vec![item]));
            }
            let (frame, _) = self.made_frame();
            let place = self.below(frame, &take);
            let walk = Walk { from: Elements::Lookup(Box::new(lookup), frame), entries: false };
            let item = Item::Scalar(Scalar::Path(place), cast(item), at.name);
            return Some(List::Each { walk, condition: None, item, name: at.name, lone: true });
        };
        if lookup.take.is_some() {
            self.problem(
                &at.member("take"),
                "`take` gives one value, and an item is an object",
                Some("leave it out".into()),
            );
            return None;
        }
        let kept: Vec<String> = table.kept.iter().map(|name| (*name).to_owned()).collect();
        if !table.many {
            let object = self.kept_object(lookup, &kept, fields, key, at)?;
            return Some(List::Fixed(vec![Item::Object(object)]));
        }
        let (frame, _) = self.made_frame();
        let element = self.element_frame(frame);
        let inner = At { frame: element, within: Within::Element, trail: made_trail(), ..at.clone() };
        let members = self.kept_members(&kept, fields, key, &inner)?;
        let walk = Walk { from: Elements::Lookup(Box::new(lookup), frame), entries: false };
        let item = Item::Object(Object::Members(Members::new(members)));
        Some(List::Each { walk, condition: None, item, name: at.name, lone: false })
    }

    /// What `each` and `find` go through, and where their elements' paths start.
    pub(super) fn walk(&mut self, value: &Json, key: &str, at: &At) -> Option<(Walk, At)> {
        let inner = at.member(key);
        if let Json::Object(map) = value {
            match expression(map).and_then(|keys| keys.first().copied()) {
                Some("split") => return self.split_walk(map, &inner),
                Some("lookup") => return self.lookup_walk(map, &inner),
                _ if map.contains_key("entries") => {
                    self.check_keys(map, &["entries"], &inner);
                    let text = map
                        .get("entries")
                        .and_then(|text| self.text_option(text, "entries", &inner.member("entries")))?;
                    return self.scanned_walk(text, true, &inner.member("entries"));
                }
                _ => {}
            }
        }
        match value.as_str().filter(|text| path::is_path(text)) {
            Some(text) => self.scanned_walk(text, false, &inner),
            None => {
                let names = value.as_object().into_iter().flat_map(|map| map.keys());
                let nearest = names.filter_map(|name| did_you_mean(name, ["entries", "split", "lookup"])).next();
                let hint = "a path to an array, `{entries: path}`, `{split: …, on: …}` or `{lookup: …, key: …}`";
                self.problem(&inner, format!("`{key}` cannot go through this"), nearest.or(Some(hint.into())));
                None
            }
        }
    }

    fn scanned_walk(&mut self, text: &str, entries: bool, at: &At) -> Option<(Walk, At)> {
        let target = self.path(text, at)?;
        self.note(at, &target.trail);
        let frame = self.core.tree.walked(target.node, entries);
        let (suffix, within) = if entries { (".*", Within::Entry) } else { ("[]", Within::Element) };
        let prefix = if target.trail.prefix == "." && entries { String::new() } else { target.trail.prefix };
        let trail = Trail { prefix: format!("{prefix}{suffix}"), ..target.trail };
        let element = At { frame, within, trail, ..at.clone() };
        Some((Walk { from: Elements::Scanned(target.place), entries }, element))
    }

    fn split_walk(&mut self, map: &Map<String, Json>, at: &At) -> Option<(Walk, At)> {
        self.check_keys(map, &["split", "on"], at);
        let split = self.split(map, at)?;
        let (frame, _) = self.made_frame();
        let element =
            At { frame: self.element_frame(frame), within: Within::Element, trail: made_trail(), ..at.clone() };
        Some((Walk { from: Elements::Split(Box::new(split), frame), entries: false }, element))
    }

    fn lookup_walk(&mut self, map: &Map<String, Json>, at: &At) -> Option<(Walk, At)> {
        self.check_keys(map, &["lookup", "key"], at);
        let (mut lookup, table) = self.lookup(map, at)?;
        lookup.take = None;
        if !table.many {
            self.problem(at, format!("the table `{}` holds one object for a key", table.name), None);
            return None;
        }
        let (frame, _) = self.made_frame();
        let element =
            At { frame: self.element_frame(frame), within: Within::Element, trail: made_trail(), ..at.clone() };
        Some((Walk { from: Elements::Lookup(Box::new(lookup), frame), entries: false }, element))
    }

    /// A frame for an array that is made while mapping, and the place of its elements.
    fn made_frame(&mut self) -> (u32, Place) {
        let frame = self.core.tree.made();
        let root = self.core.tree.frame_root(frame);
        let element = self.core.tree.walked(root, false);
        let slot = self.core.tree.slot(self.core.tree.frame_root(element));
        (frame, Place { slot, outer: false })
    }

    fn element_frame(&mut self, frame: u32) -> u32 {
        let root = self.core.tree.frame_root(frame);
        self.core.tree.walked(root, false)
    }

    /// The place of a member of the elements of a made array.
    fn below(&mut self, frame: u32, name: &str) -> Place {
        let element = self.element_frame(frame);
        let root = self.core.tree.frame_root(element);
        let node = self.core.tree.walk(element, root, &[name.to_owned()]);
        Place { slot: self.core.tree.slot(node), outer: false }
    }
}

pub(super) fn made_trail() -> Trail {
    Trail { made: true, ..Trail::default() }
}
