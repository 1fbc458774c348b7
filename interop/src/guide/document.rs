//! What a document has to do: files to be written and commands to be run.

use anyhow::{Context, Result};

/// A piece of a document that does something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// ```` ```ini ~/.smb-admin ````: a file to be written, under the home folder, with the addresses of its servers.
    File {
        /// Without `~/`.
        path: String,
        /// What stands in it.
        text: String,
    },
    /// ```` ```console ````.
    Steps(Vec<Step>),
}

/// A command and what it prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// In which line of the document the command stands.
    pub line: usize,
    /// Without `$ `, and with the lines that go on after `> `.
    pub command: String,
    /// Both stdout and stderr, as a terminal shows them.
    pub output: Vec<String>,
}

/// Takes a document apart. Blocks of other languages are text to read.
pub fn parse(document: &str) -> Result<Vec<Block>> {
    let mut blocks = Vec::new();
    let mut lines = (1..).zip(document.lines());
    while let Some((number, line)) = lines.next() {
        let Some(language) = line.strip_prefix("```") else { continue };
        let body: Vec<_> = lines.by_ref().take_while(|(_, line)| *line != "```").collect();
        match language.split_once(' ') {
            Some((_, path)) => {
                let path = path.strip_prefix("~/").with_context(|| format!("line {number}: not under ~/"))?;
                let text = body.iter().map(|(_, line)| format!("{line}\n")).collect();
                blocks.push(Block::File { path: path.to_owned(), text });
            }
            None if language == "console" => blocks.push(Block::Steps(steps(&body)?)),
            None => {}
        }
    }
    Ok(blocks)
}

fn steps(lines: &[(usize, &str)]) -> Result<Vec<Step>> {
    let mut steps: Vec<Step> = Vec::new();
    for (line, text) in lines {
        if let Some(command) = text.strip_prefix("$ ") {
            steps.push(Step { line: *line, command: command.to_owned(), output: Vec::new() });
            continue;
        }
        let step = steps.last_mut().with_context(|| format!("line {line}: an output without a command"))?;
        match text.strip_prefix("> ").filter(|_| step.output.is_empty()) {
            Some(more) => {
                step.command.push('\n');
                step.command.push_str(more);
            }
            None => step.output.push((*text).to_owned()),
        }
    }
    Ok(steps)
}
