//! `rollcall connector new`.

use std::path::Path;
use std::process::ExitCode;

use rollcall_connector::scaffold;

use crate::failure::Failure;
use crate::output;

pub fn run(slug: &str, spec: Option<&Path>, sample: Option<&Path>, folder: &Path) -> Result<ExitCode, Failure> {
    let read = |path: Option<&Path>| -> Result<Option<String>, Failure> {
        path.map(|path| {
            std::fs::read_to_string(path)
                .map_err(|fault| Failure::input(format!("cannot read `{}`: {fault}", path.display()), "check the path"))
        })
        .transpose()
    };
    let files = scaffold::files(slug, read(spec)?.as_deref(), read(sample)?.as_deref())
        .map_err(|message| Failure::input(message, "see `docs/reference/connector-format.md`"))?;
    let root = folder.join(slug);
    if root.exists() {
        return Err(Failure::input(
            format!("`{}` is there already", root.display()),
            "choose another name, or remove it first",
        ));
    }
    for (path, text) in files {
        let file = root.join(path);
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(&file, text)?;
        output::text(&format!("wrote {}\n", file.display()))?;
    }
    output::text(&format!(
        "next: fill in what is marked, then `rollcall --connectors {} connector check {slug}`\n",
        folder.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}
