//! A list of many records from the few of the cases. Nothing is stored per person: everything about one follows from the number.

use std::collections::HashMap;

use crate::document::Document;
use crate::mark::{Pieces, Template, number_of};
use crate::pattern::Captures;

/// One resource's list: the walks that together are the whole, each with its part of the people.
#[derive(Debug, Default)]
pub struct List {
    pub walks: Vec<WalkPeople>,
    /// Identifying texts of the cases' own records.
    originals: HashMap<String, u64>,
}

/// The people of one walk.
#[derive(Debug)]
pub struct WalkPeople {
    pub document: Document,
    pub parents: Option<Parents>,
    shares: Vec<Share>,
    records: Vec<Record>,
}

/// The people of one walk under one parent.
#[derive(Debug)]
struct Share {
    /// The number of the first.
    base: u64,
    count: u64,
    /// Their records; the first copies of these are the cases' own.
    records: Vec<usize>,
    /// Those of them that can be told apart when copied.
    copied: Vec<usize>,
}

#[derive(Debug)]
struct Record {
    template: Template,
    pieces: Pieces,
    original: Vec<u8>,
}

/// The parents of a fan-out.
#[derive(Clone, Debug)]
pub struct Parents {
    /// The fan-out's name.
    pub name: String,
    /// What templates can take of each.
    pub members: Vec<HashMap<String, String>>,
}

/// The people that a request asks for.
#[derive(Clone, Copy, Debug)]
pub struct View {
    walk: usize,
    share: Option<usize>,
}

/// A person.
pub struct Person<'a> {
    pub template: &'a Template,
    /// Nothing for one of the cases' own.
    pub number: Option<u64>,
}

/// Records of a case for one walk: under which parent, the record, and whether it can be copied.
pub struct Found {
    pub share: usize,
    pub template: Template,
    pub copies: bool,
}

impl Parents {
    /// The parent that a request names: by every member that it gives.
    fn index(&self, captures: &Captures) -> Option<usize> {
        let given: Vec<(&str, &str)> = captures
            .iter()
            .filter_map(|(name, value)| {
                Some((name.strip_prefix(self.name.as_str())?.strip_prefix('.')?, value.as_str()))
            })
            .collect();
        if given.is_empty() {
            return None;
        }
        self.members.iter().position(|members| {
            given.iter().all(|(name, value)| members.get(*name).is_some_and(|known| known == value))
        })
    }
}

impl List {
    /// Shares `count` people out over the walks, as many to each as its cases have; all records of the cases and no more when not given.
    pub fn new(walks: Vec<(Document, Option<Parents>, Vec<Found>, bool)>, count: Option<u64>) -> Self {
        let mut list = Self::default();
        // What a setting turns on comes on top of what is asked for.
        let weight: u64 = walks.iter().filter(|(.., extra)| !extra).map(|(_, _, found, _)| found.len() as u64).sum();
        let mut base = 0;
        let mut left = count;
        let mut grows = None;
        for (document, parents, found, extra) in walks {
            let mut records = Vec::new();
            let mut shares: Vec<Share> = (0..parents.as_ref().map_or(1, |parents| parents.members.len()))
                .map(|_| Share { base: 0, count: 0, records: Vec::new(), copied: Vec::new() })
                .collect();
            for Found { share, template, copies } in found {
                let pieces = document.pieces(template.marked(), template.key.as_ref().map(|(_, hole)| hole.as_str()));
                let original = document
                    .record(&template.original, template.key.as_ref().map(|(key, _)| key.as_str()))
                    .into_bytes();
                if let Some(share) = shares.get_mut(share) {
                    share.records.push(records.len());
                    if copies {
                        share.copied.push(records.len());
                    }
                }
                records.push(Record { template, pieces, original });
            }
            for share in &mut shares {
                let own = share.records.len() as u64;
                share.count = match count {
                    Some(count) if !extra && weight > 0 => {
                        u64::try_from(u128::from(count) * u128::from(own) / u128::from(weight)).unwrap_or(count)
                    }
                    _ => own,
                };
                if share.copied.is_empty() {
                    share.count = share.count.min(own);
                }
                if !extra {
                    grows = grows.or((!share.copied.is_empty()).then_some(list.walks.len()));
                    left = left.map(|left| left.saturating_sub(share.count));
                }
            }
            list.walks.push(WalkPeople { document, parents, shares, records });
        }
        // What the division left over goes to the first that can grow.
        let first = grows
            .and_then(|walk| list.walks.get_mut(walk))
            .and_then(|walk| walk.shares.iter_mut().find(|share| !share.copied.is_empty()));
        if let Some(share) = first {
            share.count += left.unwrap_or(0);
        }
        for walk in &mut list.walks {
            for share in &mut walk.shares {
                share.base = base;
                base += share.count;
                for (position, record) in
                    share.records.iter().enumerate().take(usize::try_from(share.count).unwrap_or(usize::MAX))
                {
                    for (text, _) in walk.records.get(*record).into_iter().flat_map(|record| &record.template.texts) {
                        list.originals.entry(text.clone()).or_insert(share.base + position as u64);
                    }
                }
            }
        }
        list
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.walks.iter().flat_map(|walk| &walk.shares).map(|share| share.count).sum()
    }

    /// The people that a request of a walk means. A parent that the cases do not know has everyone: the operator named it.
    pub fn view(&self, walk: usize, captures: &Captures) -> View {
        let parents = self.walks.get(walk).and_then(|walk| walk.parents.as_ref());
        View { walk, share: parents.and_then(|parents| parents.index(captures)) }
    }

    /// How many a view has.
    pub fn len(&self, view: View) -> u64 {
        let Some(walk) = self.walks.get(view.walk) else { return 0 };
        walk.shares
            .iter()
            .enumerate()
            .filter(|(index, _)| view.share.is_none_or(|share| share == *index))
            .map(|(_, share)| share.count)
            .sum()
    }

    /// Writes records of a view, with separators.
    pub fn write(&self, view: View, start: u64, count: u64, out: &mut Vec<u8>) {
        let Some(walk) = self.walks.get(view.walk) else { return };
        let separator = walk.document.separator();
        let (mut skip, mut left, mut first) = (start, count, true);
        for (index, share) in walk.shares.iter().enumerate() {
            if view.share.is_some_and(|share| share != index) {
                continue;
            }
            let from = skip.min(share.count);
            skip -= from;
            let until = share.count.min(from.saturating_add(left));
            left -= until - from;
            for position in from..until {
                if !first {
                    out.extend_from_slice(separator);
                }
                first = false;
                let Some((record, is_original)) = share.record(position) else { continue };
                let Some(record) = walk.records.get(record) else { continue };
                if is_original {
                    out.extend_from_slice(&record.original)
                } else {
                    record.pieces.write(share.base + position, out)
                }
            }
        }
    }

    /// The person whom an identifying text belongs to.
    pub fn find(&self, text: &str) -> Option<Person<'_>> {
        if let Some(number) = self.originals.get(text) {
            return self.person(*number);
        }
        let number = number_of(text)?;
        let person = self.person(number)?;
        let is_hers = person.number.is_some() && person.template.source_of(text, number).is_some();
        is_hers.then_some(person)
    }

    /// Where in a view the person stands whom an identifying text belongs to.
    pub fn position(&self, view: View, text: &str) -> Option<u64> {
        let number = match self.originals.get(text) {
            Some(number) => *number,
            None => number_of(text)?,
        };
        let mut before = 0;
        for (_, share) in self
            .walks
            .get(view.walk)?
            .shares
            .iter()
            .enumerate()
            .filter(|(index, _)| view.share.is_none_or(|share| share == *index))
        {
            if (share.base..share.base + share.count).contains(&number) {
                return Some(before + number - share.base);
            }
            before += share.count;
        }
        None
    }

    fn person(&self, number: u64) -> Option<Person<'_>> {
        for walk in &self.walks {
            for share in &walk.shares {
                if let Some(position) = number.checked_sub(share.base).filter(|position| *position < share.count) {
                    let (record, is_original) = share.record(position)?;
                    return Some(Person {
                        template: &walk.records.get(record)?.template,
                        number: (!is_original).then_some(number),
                    });
                }
            }
        }
        None
    }

    /// Every record of the list, as trees.
    pub fn all(&self) -> impl Iterator<Item = (serde_json::Value, usize)> {
        self.walks.iter().enumerate().flat_map(|(index, walk)| {
            walk.shares.iter().flat_map(move |share| {
                (0..share.count).filter_map(move |position| {
                    let (record, is_original) = share.record(position)?;
                    let template = &walk.records.get(record)?.template;
                    Some((
                        if is_original { template.original.clone() } else { template.value(share.base + position) },
                        index,
                    ))
                })
            })
        })
    }
}

impl Share {
    /// The record of a position, and whether it is the case's own.
    fn record(&self, position: u64) -> Option<(usize, bool)> {
        let own = self.records.len() as u64;
        if position < own {
            return self.records.get(usize::try_from(position).ok()?).map(|record| (*record, true));
        }
        let index = usize::try_from((position - own) % (self.copied.len().max(1) as u64)).ok()?;
        self.copied.get(index).map(|record| (*record, false))
    }
}
