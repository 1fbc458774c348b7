//! What a key does.

use std::time::Duration;

use super::dialog::Target;
use super::view::{Grouping, View};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Quit,
    /// Ctrl-C.
    Interrupt,
    Suspend,
    Redraw,
    Show(View),
    NextView,
    PreviousView,
    Up,
    Down,
    PageUp,
    PageDown,
    Top,
    Bottom,
    /// Shows what is behind the row.
    Enter,
    /// Back by one step.
    Back,
    StartFilter,
    Type(char),
    Erase,
    EraseAll,
    /// Ends typing; the filter stays.
    KeepFilter,
    ColumnLeft,
    ColumnRight,
    Sort,
    Pause,
    Slower,
    Faster,
    Refresh,
    Group(Grouping),
    HideOwn,
    Close,
    /// The answer to the question of [`Close`](Self::Close).
    Answer(bool),
    Help,
    /// Closes what is to be read.
    Dismiss,
    /// A click at this column and line of the screen.
    Click(u16, u16),
    WheelUp,
    WheelDown,
}

/// What an action needs from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    Quit,
    Interrupt,
    Suspend,
    Redraw,
    Pause(bool),
    SetInterval(Duration),
    Refresh,
    /// The files are looked at for the first time: list them from now on.
    ListFiles,
    Close(Target),
    Answer(bool),
}
