//! The day figure: posture, steps, the angle of the trunk, signals, exercises and wear, from local midnight to midnight.
//!
//! In: a [`DayFigure`]. Out: SVG. It proves the sentence above it, and hatches what is not known.

use super::ChartError;
use super::axis::{DayAxis, scale};
use super::canvas::{Caption, draw};
use super::data::{Absence, Bin, DEEP, DayFigure, ExerciseMark, MODERATE};
use super::look::{LABEL_PX, Look, Role, SMALL_PX, Size, TITLE_PX, Theme};
use super::panel::{Frame, Panel, Sheet, Type};
use super::text::{fit, width, wrap};
use super::words::{day_sentence, long_date};
use crate::care::Locale;
use crate::care::phrases::Figures;
use crate::signal::Posture;
use crate::units::WallTime;

/// A day's steps scale reaches at least this far in 5 min. Chosen by us: two minutes of easy walking.
const LEAST_STEPS: f64 = 200.0;
/// The angle scale reaches from here, degrees: leaning back a little stays visible.
const LOWEST_DEG: f64 = -15.0;
/// The angle scale reaches at least to here, degrees: the deep band is always in sight.
const LEAST_HIGHEST_DEG: f64 = 90.0;
/// Room above the deepest bend, degrees.
const HEADROOM_DEG: f64 = 8.0;
/// A hatched stretch carries its reason in words if they fit with this much room, px.
const WORDS_MARGIN_PX: f64 = 10.0;
/// Room above the ribbon for the time of day now, px.
const ABOVE_RIBBON_PX: f64 = 22.0;
/// Stretches of one posture closer than this are drawn as one, px: less cannot be told apart.
const MERGE_PX: f64 = 0.7;
/// The narrowest stretch that is drawn, px.
const THINNEST_PX: f64 = 1.0;

/// Where the parts stand, px at 1x.
struct Layout {
    left: f64,
    right: f64,
    sentence: f64,
    ribbon: Frame,
    steps: Frame,
    angle: Frame,
    signals: f64,
    exercises: f64,
    notes: f64,
    row: f64,
    wear: Frame,
    hours: f64,
    hours_every: i8,
    label_px: f64,
    lanes: [&'static str; 4],
}

impl Layout {
    fn of(size: Size, locale: Locale) -> Self {
        let say = &locale.phrases().figure;
        let (width, _) = size.px();
        match size {
            Size::Desktop => {
                let (left, right) = (138.0, width - 28.0);
                let frame = |top, bottom| Frame { left, right, top, bottom };
                Self {
                    left,
                    right,
                    sentence: 30.0,
                    ribbon: frame(78.0, 186.0),
                    steps: frame(214.0, 304.0),
                    angle: frame(334.0, 478.0),
                    signals: 512.0,
                    exercises: 536.0,
                    notes: 560.0,
                    row: 12.0,
                    wear: frame(582.0, 592.0),
                    hours: 612.0,
                    hours_every: 2,
                    label_px: LABEL_PX,
                    lanes: [&say.lying, &say.sitting, &say.moving, &say.walking],
                }
            }
            Size::Phone => {
                // At the right there is room for half of `12 am`.
                let (left, right) = (60.0, width - 17.0);
                let frame = |top, bottom| Frame { left, right, top, bottom };
                Self {
                    left,
                    right,
                    sentence: 18.0,
                    ribbon: frame(88.0, 156.0),
                    steps: frame(176.0, 230.0),
                    angle: frame(250.0, 344.0),
                    signals: 368.0,
                    exercises: 384.0,
                    notes: 400.0,
                    row: 9.0,
                    wear: frame(413.0, 420.0),
                    hours: 433.0,
                    hours_every: 6,
                    label_px: SMALL_PX,
                    lanes: [&say.lying, &say.still, &say.moving, &say.walking],
                }
            }
        }
    }
}

/// Draws a day as SVG.
pub fn day(figure: &DayFigure, look: Look) -> Result<String, ChartError> {
    let sentence = day_sentence(figure, look.locale)?;
    let title = long_date(figure.date, look.locale);
    let unknown = figure.unknown()?;
    let axis = DayAxis::new(figure.date, &figure.zone)?;
    // A page has the sentence as its heading and shows the figure from the ribbon on.
    let layout = Layout::of(look.size, look.locale);
    let cut = if look.theme == Theme::Page { layout.ribbon.top - ABOVE_RIBBON_PX } else { 0.0 };
    draw(look, &Caption { title: &title, description: &sentence, cut }, |canvas| {
        let sheet = Sheet::new(canvas, look)?;
        let day = Day { figure, unknown: &unknown, axis: &axis, layout, sheet };
        if cut <= 0.0 {
            day.heading(&sentence, &title)?;
        }
        day.ground()?;
        day.ribbon()?;
        day.steps()?;
        day.angle()?;
        day.marks()?;
        day.wear()?;
        day.now()
    })
}

struct Day<'a> {
    figure: &'a DayFigure,
    unknown: &'a [Absence],
    axis: &'a DayAxis,
    layout: Layout,
    sheet: Sheet<'a>,
}

impl<'a> Day<'a> {
    fn phone(&self) -> bool {
        self.sheet.look.size == Size::Phone
    }

    fn panel(&self, frame: Frame, low: f64, high: f64) -> Panel<'a> {
        self.sheet.panel(frame, 0.0..self.axis.length, low..high)
    }

    fn px_per_second(&self) -> f64 {
        (self.layout.right - self.layout.left) / self.axis.length
    }

    fn say(&self) -> &'static Figures {
        &self.sheet.look.locale.phrases().figure
    }

    fn heading(&self, sentence: &str, date: &str) -> Result<(), ChartError> {
        let left = if self.phone() { 14.0 } else { 28.0 };
        let set = Type::SMALL.of(TITLE_PX).ink(Role::Ink).bold();
        let lines = wrap(sentence, TITLE_PX, true, self.layout.right - left);
        let line_px = TITLE_PX * 1.3;
        for (line, at) in lines.iter().zip(0u32..) {
            self.sheet.text(left, self.layout.sentence + line_px * f64::from(at), line, set)?;
        }
        let zone = self.figure.zone.iana_name().map(|name| format!(", {}", name.replace('_', " ")));
        let acute = match (self.figure.acute, self.phone()) {
            (false, _) => String::new(),
            (true, true) => format!(", {}", self.say().acute_days),
            (true, false) => format!(". {}", self.say().acute_signals),
        };
        let below = format!("{date}{}{acute}", zone.filter(|_| !self.phone()).unwrap_or_default());
        let set = Type::SMALL.of(self.layout.label_px);
        let y = self.layout.sentence + line_px * lines.len() as f64;
        if y + SMALL_PX < self.layout.ribbon.top {
            self.sheet.text(left, y, &below, set)?;
        }
        Ok(())
    }

    /// The band of acute days, hour lines, and the hatch of what is not known.
    fn ground(&self) -> Result<(), ChartError> {
        let layout = &self.layout;
        let whole = Frame { top: layout.ribbon.top, bottom: layout.wear.bottom, ..layout.ribbon };
        let whole = self.panel(whole, 0.0, 1.0);
        if self.figure.acute {
            whole.bar(0.0..self.axis.length, 0.0..1.0, Role::Acute)?;
        }
        for (at, _) in self.axis.hours(layout.hours_every, self.sheet.look.clock) {
            whole.line(&[(at, 0.0), (at, 1.0)], Role::Grid, 0.8)?;
        }
        for (at, word) in self.axis.hours(layout.hours_every, self.sheet.look.clock) {
            let set = Type::SMALL.of(layout.label_px).centre();
            whole.text((at, 0.0), (0.0, layout.hours - layout.wear.bottom), &word, set)?;
        }
        for frame in [layout.ribbon, layout.steps, layout.angle] {
            let panel = self.panel(frame, 0.0, 1.0);
            for hole in self.unknown {
                let across = self.axis.within(hole.start)..self.axis.within(hole.end);
                if (across.end - across.start) * self.px_per_second() >= 1.0 {
                    panel.hatch(across, 0.0..1.0)?;
                }
            }
        }
        Ok(())
    }

    /// Writes the reasons into the hatch, once all is drawn under them.
    fn reasons(&self, ribbon: &Panel<'_>) -> Result<(), ChartError> {
        for hole in self.unknown {
            let across = self.axis.within(hole.start)..self.axis.within(hole.end);
            let room = (across.end - across.start) * self.px_per_second() - WORDS_MARGIN_PX;
            let words = hole.why.words(self.sheet.look.locale);
            let wide = width(words, SMALL_PX, false);
            if wide > room {
                continue;
            }
            let middle = (across.start + across.end) / 2.0;
            let half = (wide / 2.0 + 4.0) / self.px_per_second();
            ribbon.bar(middle - half..middle + half, 1.72..2.28, Role::Ground)?;
            ribbon.text((middle, 2.0), (0.0, 0.0), words, Type::SMALL.centre())?;
        }
        Ok(())
    }

    fn ribbon(&self) -> Result<(), ChartError> {
        let layout = &self.layout;
        let panel = self.panel(layout.ribbon, 0.0, 4.0);
        let lanes: [(&[Posture], Role, Option<Role>); 4] = [
            (&[Posture::Lying, Posture::ProneOrAllFours], Role::Lying, None),
            (&[Posture::UprightStill], Role::Still, Some(Role::StillEdge)),
            (&[Posture::Moving], Role::Moving, Some(Role::MovingEdge)),
            (&[Posture::Walking], Role::Walking, None),
        ];
        for ((postures, role, edge), (lane, label)) in lanes.into_iter().zip((0u8..).zip(layout.lanes)) {
            let low = f64::from(lane);
            let middle = low + 0.5;
            self.sheet.text(
                layout.left - 8.0,
                panel.place(0.0, middle).1,
                label,
                Type::SMALL.of(layout.label_px).right(),
            )?;
            panel.line(&[(0.0, low), (self.axis.length, low)], Role::Grid, 0.8)?;
            let runs = self.merged(postures);
            for &(start, end) in &runs {
                panel.wide_bar(start..end, low + 0.12..low + 0.88, role, THINNEST_PX)?;
            }
            let Some(edge) = edge else { continue };
            for &(start, end) in &runs {
                let end = end.max(start + THINNEST_PX / self.px_per_second());
                panel.outline(start..end, low + 0.12..low + 0.88, edge, 0.8)?;
            }
        }
        self.reasons(&panel)
    }

    /// The stretches of some postures in seconds of the day, joined where no eye could part them.
    fn merged(&self, postures: &[Posture]) -> Vec<(f64, f64)> {
        let nearest = MERGE_PX / self.px_per_second();
        let mut runs: Vec<(f64, f64)> = Vec::new();
        for stretch in self.figure.postures.iter().filter(|stretch| postures.contains(&stretch.posture)) {
            let (start, end) = (self.axis.within(stretch.start), self.axis.within(stretch.end));
            if start >= end {
                continue;
            }
            match runs.last_mut() {
                Some(run) if start - run.1 <= nearest => run.1 = run.1.max(end),
                _ => runs.push((start, end)),
            }
        }
        runs
    }

    /// The caption above a panel.
    fn caption(&self, frame: Frame, words: &str) -> Result<(), ChartError> {
        self.sheet.text(frame.left, frame.top - 5.0, words, Type::SMALL.above())
    }

    fn steps(&self) -> Result<(), ChartError> {
        let frame = self.layout.steps;
        let most = self.figure.bins.iter().filter_map(|bin| bin.steps).max().unwrap_or(0);
        let (highest, step) = scale(f64::from(most), LEAST_STEPS);
        let panel = self.panel(frame, 0.0, highest);
        self.caption(frame, &self.say().steps_in_5)?;
        self.grid(&panel, (0..).map(|n| f64::from(n) * step).take_while(|at| *at <= highest), "")?;
        // A hair of ground between bars, as long as a bar stays wider than that.
        let bare = (0.8 / self.px_per_second()).min(60.0);
        for bin in &self.figure.bins {
            let (Some(steps @ 1..), start, end) = (bin.steps, self.axis.within(bin.start), self.axis.within(bin.end))
            else {
                continue;
            };
            panel.bar(start..(end - bare).max(start), 0.0..f64::from(steps), Role::Walking)?;
        }
        Ok(())
    }

    /// Light lines across a panel with their numbers at the left.
    fn grid(&self, panel: &Panel<'_>, lines: impl Iterator<Item = f64>, unit: &str) -> Result<(), ChartError> {
        for at in lines {
            panel.line(&[(0.0, at), (self.axis.length, at)], Role::Grid, 0.8)?;
            panel.text((0.0, at), (-8.0, 0.0), &format!("{at}{unit}"), Type::SMALL.right())?;
        }
        Ok(())
    }

    fn angle(&self) -> Result<(), ChartError> {
        let frame = self.layout.angle;
        let deepest = self.figure.bends.iter().max_by(|a, b| a.peak.radians().total_cmp(&b.peak.radians()));
        let highest = deepest.map_or(0.0, |bend| bend.peak.degrees() + HEADROOM_DEG).clamp(LEAST_HIGHEST_DEG, 130.0);
        let panel = self.panel(frame, LOWEST_DEG, highest);
        let caption = match self.sheet.look.size {
            Size::Phone => &self.say().bend_short,
            Size::Desktop => &self.say().bend,
        };
        self.caption(frame, caption)?;
        self.grid(&panel, [0.0, MODERATE.degrees().round(), DEEP.degrees().round()].into_iter(), "°")?;
        for run in self.figure.bins.split(|bin| bin.band.is_none()) {
            self.band(&panel, run)?;
        }
        // A shallow bend is a small dot with a darker edge, a deep one a larger dot. Layer by layer,
        // so that all dots of a layer are one path.
        let small = if self.phone() { 0.75 } else { 1.0 };
        let layers: [(bool, f64, Role); 3] =
            [(false, 2.6, Role::BendEdge), (false, 1.8, Role::Bend), (true, 3.6, Role::DeepBend)];
        for (deep, radius, role) in layers {
            for bend in self.figure.bends.iter().filter(|bend| (bend.peak > DEEP) == deep) {
                panel.dot(self.axis.within(bend.at), bend.peak.degrees(), radius * small, role)?;
            }
        }
        if let Some(bend) = deepest {
            let (x, y) = (self.axis.within(bend.at), bend.peak.degrees());
            let near_end = panel.place(x, y).0 > frame.right - 40.0;
            let (set, right) = if near_end { (Type::SMALL.right(), -7.0) } else { (Type::SMALL, 7.0) };
            panel.text((x, y), (right, 0.0), &format!("{y:.0}°"), set.ink(Role::Ink))?;
        }
        Ok(())
    }

    /// Median to 95th percentile over neighbouring bins, as steps, so that each point is as wide as its time.
    fn band(&self, panel: &Panel<'_>, run: &[Bin]) -> Result<(), ChartError> {
        let (mut upper, mut lower) = (Vec::new(), Vec::new());
        for bin in run {
            let Some(band) = bin.band else { continue };
            for edge in [self.axis.within(bin.start), self.axis.within(bin.end)] {
                upper.push((edge, band.p95.degrees().max(LOWEST_DEG)));
                lower.push((edge, band.median.degrees().max(LOWEST_DEG)));
            }
        }
        if upper.is_empty() {
            return Ok(());
        }
        let around = upper.iter().copied().chain(lower.iter().rev().copied()).collect();
        panel.shape(around, Role::Still)?;
        panel.line(&upper, Role::StillEdge, 0.8)?;
        panel.line(&lower, Role::Quiet, 1.2)
    }

    /// Signals, exercises, check-ins and notes.
    fn marks(&self) -> Result<(), ChartError> {
        let layout = &self.layout;
        let key = match self.sheet.look.size {
            Size::Desktop => &self.say().key,
            Size::Phone => &self.say().key_short,
        };
        // SVG joins spaces; this one is as wide as two.
        let key = key.replace("  ", "\u{2002}");
        let top = layout.signals - layout.row;
        self.sheet.text(layout.left, top - 2.0, &key, Type::SMALL.above())?;
        let say = self.say();
        let notes = if self.phone() { &say.notes } else { &say.check_ins };
        for (y, label) in [(layout.signals, &say.signals), (layout.exercises, &say.exercises), (layout.notes, notes)] {
            self.sheet.text(layout.left - 8.0, y, label, Type::SMALL.of(layout.label_px).right())?;
        }
        let row = |y: f64| {
            let half = layout.row / 2.0;
            self.panel(Frame { top: y - half, bottom: y + half, ..layout.ribbon }, 0.0, 1.0)
        };
        let signals = row(layout.signals);
        let radius = layout.row * 0.3;
        for mark in self.figure.signals.iter().filter(|mark| !mark.sent) {
            signals.ring(self.axis.within(mark.at), 0.5, radius, Role::Ink, 1.1)?;
        }
        for mark in self.figure.signals.iter().filter(|mark| mark.sent) {
            signals.dot(self.axis.within(mark.at), 0.5, radius + 0.5, Role::Ink)?;
        }
        self.exercises(&row(layout.exercises))?;
        self.notes(&row(layout.notes))
    }

    fn exercises(&self, row: &Panel<'_>) -> Result<(), ChartError> {
        let px = self.px_per_second();
        let box_px = self.layout.row * 0.8;
        let timed: Vec<(f64, f64, &ExerciseMark)> = self
            .figure
            .exercises
            .iter()
            .filter_map(|mark| mark.time.map(|(start, end)| (self.axis.within(start), self.axis.within(end), mark)))
            .collect();
        // What has no time of its own: still ahead today, or left over at the end of the day.
        let timeless: Vec<_> = self.figure.exercises.iter().filter(|mark| mark.time.is_none()).collect();
        let spacing = (box_px + 4.0) / px;
        let needed = spacing * timeless.len() as f64;
        let latest = self.axis.length - needed;
        let timeless_from = self.figure.until.map_or(latest, |until| (self.axis.within(until) + 8.0 / px).min(latest));
        for &(start, end, mark) in &timed {
            let end = end.max(start + box_px / px);
            if mark.done {
                row.bar(start..end, 0.1..0.9, Role::Plan)?;
            }
            if mark.planned {
                row.outline(start..end, 0.1..0.9, Role::Plan, 1.4)?;
            }
            let next = timed.iter().map(|other| other.0).filter(|other| *other > start);
            let next = next.fold(timeless_from, f64::min);
            let words = fit(&mark.name(self.sheet.look.locale), SMALL_PX, (next - end) * px - 10.0);
            if !self.phone() && words.chars().count() > 2 {
                row.text((end, 0.5), (4.0, 0.0), &words, Type::SMALL)?;
            }
        }
        let mut at = timeless_from;
        for mark in timeless {
            if mark.done {
                row.bar(at..at + box_px / px, 0.1..0.9, Role::Plan)?;
            }
            row.outline(at..at + box_px / px, 0.1..0.9, Role::Plan, 1.4)?;
            at += spacing;
        }
        Ok(())
    }

    fn notes(&self, row: &Panel<'_>) -> Result<(), ChartError> {
        let px = self.px_per_second();
        let half = 4.0 / px;
        for mark in &self.figure.check_ins {
            let at = self.axis.within(mark.at);
            row.shape(vec![(at - half, 0.5), (at, 0.85), (at + half, 0.5), (at, 0.15)], Role::Pain)?;
            if let Some(pain) = mark.pain {
                row.text((at, 0.5), (7.0, 0.0), &pain.to_string(), Type::SMALL.ink(Role::Ink))?;
            }
        }
        let mut taken: Vec<f64> = self.figure.check_ins.iter().map(|mark| self.axis.within(mark.at)).collect();
        taken.extend(self.figure.notes.iter().map(|note| self.axis.within(note.at)));
        for note in &self.figure.notes {
            let at = self.axis.within(note.at);
            row.shape(vec![(at - half, 0.8), (at + half, 0.8), (at, 0.25)], Role::Ink)?;
            let next = taken.iter().copied().filter(|other| *other > at).fold(self.axis.length, f64::min);
            let room = (next - at) * px - 16.0;
            let words = fit(&note.text, SMALL_PX, room.min(220.0));
            if words.chars().count() > 1 {
                row.text((at, 0.5), (7.0, 0.0), &words, Type::SMALL)?;
            }
        }
        Ok(())
    }

    fn wear(&self) -> Result<(), ChartError> {
        let layout = &self.layout;
        let panel = self.panel(layout.wear, 0.0, 1.0);
        let middle = (layout.wear.top + layout.wear.bottom) / 2.0;
        self.sheet.text(layout.left - 8.0, middle, &self.say().worn, Type::SMALL.of(layout.label_px).right())?;
        let worn = [Posture::Lying, Posture::Walking, Posture::Moving, Posture::UprightStill, Posture::ProneOrAllFours];
        for (start, end) in self.merged(&worn) {
            panel.bar(start..end, 0.0..1.0, Role::Quiet)?;
        }
        for hole in self.unknown {
            panel.hatch(self.axis.within(hole.start)..self.axis.within(hole.end), 0.0..1.0)?;
        }
        Ok(())
    }

    /// Where the day has come to, while it is not over.
    fn now(&self) -> Result<(), ChartError> {
        let Some(until) = self.figure.until else { return Ok(()) };
        let layout = &self.layout;
        let whole = Frame { top: layout.ribbon.top, bottom: layout.wear.bottom, ..layout.ribbon };
        let panel = self.panel(whole, 0.0, 1.0);
        let at = self.axis.within(until);
        panel.line(&[(at, 0.0), (at, 1.0)], Role::Ink, 1.0)?;
        let time = self.axis.time_of_day(WallTime(until.0), self.sheet.look.clock);
        let words = self.say().now.fill(&[("time", &time)]);
        let left_of = panel.place(at, 1.0).0 > layout.right - 70.0;
        let set = if left_of { Type::SMALL.right() } else { Type::SMALL };
        panel.text((at, 1.0), (if left_of { -2.0 } else { 2.0 }, -5.0), &words, set.above().ink(Role::Ink))
    }
}
