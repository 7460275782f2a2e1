//! The rules that the loader applies while it reads `connector.yaml`: their pages only, the checks are in `load` and `check`.

use super::{Needs, Rule, Scope, elsewhere};

const fn page(name: &'static str, description: &'static str, why: &'static str, fix: &'static str) -> Rule {
    Rule { name, description, why, fix, scope: Scope::File, needs: Needs::Nothing, check: elsewhere }
}

pub(super) static RULES: &[Rule] = &[
    page(
        "yaml",
        "a file that is not YAML as the format allows",
        "Anchors, tags and merge keys hide what a file says.",
        "Correct the line that the finding names.",
    ),
    page(
        "shape",
        "a value of another kind than the format asks for",
        "What the program would have to guess it may guess wrongly.",
        "See `docs/reference/connector-format.md`.",
    ),
    page(
        "unknown_key",
        "a key that the format does not know",
        "A misspelt key would be passed over in silence, and with it what it asks for.",
        "Correct the key; the finding names the nearest.",
    ),
    page(
        "unknown_value",
        "a word that is none of the allowed ones",
        "The same as for keys.",
        "Use one of the words that the finding lists.",
    ),
    page(
        "missing_key",
        "something that every connector must have is missing",
        "Without it the connector cannot work.",
        "Add it.",
    ),
    page(
        "extends",
        "`extends` names a connector that cannot be extended",
        "Only one level is allowed, so that a connector can be read.",
        "Name a connector that extends no other.",
    ),
    page(
        "schema_version",
        "a format version that this program does not read",
        "A newer format may mean other things.",
        "Use a newer program, or version 1.",
    ),
    page(
        "id_matches_folder",
        "the id is not the folder's name",
        "The folder is how people and programs find a connector.",
        "Rename one of them.",
    ),
    page(
        "undeclared_setting",
        "a template names something that nobody gives",
        "The request would lack it.",
        "Declare it under `settings` or the credential's `fields`, or correct the name.",
    ),
    page(
        "template",
        "a text with braces that is no template",
        "Braces are values; a lone one is a slip.",
        "Write `{{` and `}}` for literal braces.",
    ),
    page(
        "compile",
        "a method or mapping that cannot be compiled",
        "It could not run.",
        "The finding says what is wrong.",
    ),
    page(
        "find_in_list",
        "`find_in_list` without a list",
        "There is nothing to find it in.",
        "Add the list, or the call that reads one record.",
    ),
    page(
        "unknown_resource",
        "a resource that the model does not have",
        "Every product lists its people under the same names.",
        "Use a resource of the model.",
    ),
    page(
        "unknown_field",
        "a field that the model does not have",
        "The answer has one schema.",
        "Use a field of the model.",
    ),
    page(
        "unknown_parameter",
        "a filter or parameter that the model does not have",
        "The call has one schema.",
        "Use a parameter of the model.",
    ),
    page(
        "unused_mapping",
        "a mapping of a resource without methods",
        "Nothing ever runs it.",
        "Add the methods, or remove the mapping.",
    ),
];
