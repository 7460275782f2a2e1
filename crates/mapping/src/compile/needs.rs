//! Without which places an expression gives nothing, so that running it can be spared.

use crate::plan::{Elements, Item, List, Lookup, Object, Piece, Place, Role, Scalar, Shape};

type Needs = Option<Vec<Place>>;

/// The places of which at least one must hold something. None: it may give something without any.
pub(super) fn of_shape(shape: &Shape) -> Option<Box<[Place]>> {
    let needs = match shape {
        Shape::Scalar(scalar, _) => of_scalar(scalar),
        Shape::Constant(_) => None,
        Shape::List(listed) => of_list(&listed.list),
        Shape::Object(object) => of_object(object),
    };
    needs.map(Vec::into_boxed_slice)
}

fn any(needs: impl Iterator<Item = Needs>) -> Needs {
    let parts: Option<Vec<Vec<Place>>> = needs.collect();
    parts.map(|parts| parts.concat())
}

fn of_scalar(scalar: &Scalar) -> Needs {
    match scalar {
        Scalar::Path(place) => Some(vec![*place]),
        Scalar::First(choices) => any(choices.iter().map(of_scalar)),
        Scalar::Map(map) => of_scalar(&map.from),
        Scalar::Not(inner) | Scalar::Lower(inner) | Scalar::Upper(inner) => of_scalar(inner),
        Scalar::Find(find) => of_elements(&find.walk.from),
        Scalar::Lookup(lookup) => of_lookup(lookup),
        Scalar::Join(join) => any(join.parts.iter().map(of_scalar)),
        Scalar::Template(pieces) => Some(
            pieces
                .iter()
                .filter_map(|piece| match piece {
                    Piece::Path(place) => Some(*place),
                    Piece::Text(_) => None,
                })
                .collect(),
        ),
        Scalar::Split(split) => of_scalar(&split.from),
        Scalar::Date(date) => of_scalar(&date.from),
        // What a condition knows of what is missing is not worked out here.
        Scalar::Constant(_) | Scalar::Nothing | Scalar::Cases(_) | Scalar::Test(_) => None,
    }
}

fn of_lookup(lookup: &Lookup) -> Needs {
    of_scalar(&lookup.key)
}

fn of_elements(elements: &Elements) -> Needs {
    match elements {
        Elements::Scanned(place) => Some(vec![*place]),
        Elements::Lookup(lookup, _) => of_lookup(lookup),
        Elements::Split(split, _) => of_scalar(&split.from),
    }
}

fn of_list(list: &List) -> Needs {
    match list {
        List::Each { walk, .. } => of_elements(&walk.from),
        List::Fixed(items) => any(items.iter().map(|item| match item {
            Item::Scalar(scalar, ..) => of_scalar(scalar),
            Item::Object(object) => of_object(object),
        })),
        List::Concat(lists) | List::First(lists) => any(lists.iter().map(of_list)),
        List::Cases(_) | List::Nothing => None,
    }
}

fn of_object(object: &Object) -> Needs {
    match object {
        Object::Members(members) => {
            let keyed = members.all.iter().any(|member| matches!(member.role, Role::Key(_)));
            let parts = members.all.iter().filter(|member| !keyed || matches!(member.role, Role::Key(_)));
            any(parts.map(|member| match &member.shape {
                Shape::Scalar(Scalar::Path(place), _) => Some(vec![*place]),
                _ => member.needs.as_deref().map(<[Place]>::to_vec),
            }))
        }
        Object::First(choices) => any(choices.iter().map(of_object)),
        Object::Lookup(looked_up) => of_lookup(&looked_up.lookup),
        Object::Copy(place, _) => Some(vec![*place]),
        Object::Cases(_) | Object::Nothing => None,
    }
}
