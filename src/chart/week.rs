//! The week figure: how much someone moved on each day, beside what was planned and done.
//!
//! In: a [`WeekFigure`]. Out: SVG. A day under 10 h of wear is lighter, hatched and left out of the
//! averages; the acute days have a band behind them; today is bold, not coloured.

use super::ChartError;
use super::axis::scale;
use super::canvas::{Caption, draw};
use super::data::{DayColumn, WeekFigure};
use super::look::{LABEL_PX, Look, Role, SMALL_PX, Size, TITLE_PX};
use super::panel::{Frame, Panel, Sheet, Type};
use super::text::{hours, number, width, wrap};
use super::words::{span_words, week_sentence};
use crate::care::phrases::Figures;

/// The scale of minutes reaches at least this far. Chosen by us: a quiet day should look quiet.
const LEAST_MINUTES: f64 = 60.0;
/// Where the sentence begins, px.
const HEADING_LEFT: f64 = 14.0;
/// Share of a column's width that its bar takes.
const BAR_SHARE: f64 = 0.56;
/// The foot is this full when someone sat or stood still for so long: a waking day, in hours.
const FOOT_FULL_H: f64 = 16.0;
/// From one line of the sentence to the next, px.
const LINE_PX: f64 = TITLE_PX * 1.3;
/// How far towards its own colour a day of too little wear is drawn.
const LIGHTER: f64 = 0.4;
/// Highest value of the pain scale (NPRS). Source: domain.md §12.
const PAIN_MAX: f64 = 10.0;

struct Layout {
    left: f64,
    right: f64,
    sentence: f64,
    pain: Frame,
    plan: Frame,
    bars: Frame,
    foot: Frame,
    label_px: f64,
    slot: f64,
}

impl Layout {
    fn of(size: Size, sentence_lines: usize, with_pain: bool) -> Self {
        let (width, height) = size.px();
        let (left, right, sentence, label_px, slot) = match size {
            Size::Desktop => (138.0, width - 28.0, 30.0, LABEL_PX, 12.0),
            Size::Phone => (52.0, width - 12.0, 18.0, SMALL_PX, 7.0),
        };
        let first = sentence + LINE_PX * (sentence_lines + 1) as f64 + 16.0;
        let frame = |top, bottom| Frame { left, right, top, bottom };
        let pain_px = match (with_pain, size) {
            (false, _) => 0.0,
            (true, Size::Desktop) => 84.0,
            (true, Size::Phone) => 54.0,
        };
        let pain = frame(first + if with_pain { 8.0 } else { 0.0 }, first + pain_px);
        let plan_top = pain.bottom + if with_pain { 22.0 } else { 0.0 };
        let plan = frame(plan_top, plan_top + slot * 2.0 + 4.0);
        let foot_bottom = height - if size == Size::Desktop { 68.0 } else { 54.0 };
        let foot = frame(foot_bottom - 7.0, foot_bottom);
        let bars = frame(plan.bottom + 42.0, foot.top - 8.0);
        Self { left, right, sentence, pain, plan, bars, foot, label_px, slot }
    }
}

/// Draws some days beside each other as SVG.
pub fn week(figure: &WeekFigure, look: Look) -> Result<String, ChartError> {
    let sentence = week_sentence(figure, look.locale);
    let title = match (figure.days.first(), figure.days.last()) {
        (Some(first), Some(last)) => format!("{} {}", span_words(first.date, last.date, look.locale), last.date.year()),
        _ => look.locale.phrases().figure.no_days_title.to_string(),
    };
    draw(look, &Caption { title: &title, description: &sentence, cut: 0.0 }, |canvas| {
        let with_pain = figure.days.iter().any(|day| day.pain_now.is_some() || day.pain_worst.is_some());
        let sheet = Sheet::new(canvas, look)?;
        let (wide, _) = look.size.px();
        let lines = wrap(&sentence, TITLE_PX, true, wide - 2.0 * HEADING_LEFT);
        let week = Week { figure, layout: Layout::of(look.size, lines.len(), with_pain), sheet };
        week.heading(&lines, &title)?;
        week.ground()?;
        if with_pain {
            week.pain()?;
        }
        week.plan()?;
        week.bars()?;
        week.feet()?;
        week.days()
    })
}

struct Week<'a> {
    figure: &'a WeekFigure,
    layout: Layout,
    sheet: Sheet<'a>,
}

impl<'a> Week<'a> {
    fn phone(&self) -> bool {
        self.sheet.look.size == Size::Phone
    }

    fn say(&self) -> &'static Figures {
        &self.sheet.look.locale.phrases().figure
    }

    /// A panel whose scale across counts days.
    fn panel(&self, frame: Frame, low: f64, high: f64) -> Panel<'a> {
        self.sheet.panel(frame, 0.0..self.figure.days.len().max(1) as f64, low..high)
    }

    fn column_px(&self) -> f64 {
        (self.layout.right - self.layout.left) / self.figure.days.len().max(1) as f64
    }

    fn columns(&self) -> impl Iterator<Item = (f64, &'a DayColumn)> {
        self.figure.days.iter().enumerate().map(|(place, day)| (place as f64, day))
    }

    fn is_today(&self, day: &DayColumn) -> bool {
        Some(day.date) == self.figure.today
    }

    fn heading(&self, lines: &[String], span: &str) -> Result<(), ChartError> {
        let set = Type::SMALL.of(TITLE_PX).ink(Role::Ink).bold();
        let mut y = self.layout.sentence;
        for line in lines {
            self.sheet.text(HEADING_LEFT, y, line, set)?;
            y += LINE_PX;
        }
        let short = self.figure.days.iter().any(|day| day.totals.worn.0 > 0.0 && !self.figure.counts(day));
        let note = match (short, self.phone()) {
            (false, _) => String::new(),
            (true, true) => self.say().hatched_short.to_string(),
            (true, false) => format!(". {}", self.say().hatched),
        };
        let words = if self.phone() { note } else { format!("{span}{note}") };
        self.sheet.text(HEADING_LEFT, y, &words, Type::SMALL.of(self.layout.label_px))
    }

    /// The band of acute days, with its name under it.
    fn ground(&self) -> Result<(), ChartError> {
        let layout = &self.layout;
        let line = layout.label_px * 1.4;
        let bottom = layout.foot.bottom + 12.0 + 2.5 * line;
        let whole = Frame { top: layout.pain.top - 16.0, bottom, ..layout.bars };
        let panel = self.panel(whole, 0.0, 1.0);
        for (at, _) in self.columns().filter(|(_, day)| day.acute) {
            panel.bar(at..at + 1.0, 0.0..1.0, Role::Acute)?;
        }
        let mut from = 0;
        for run in self.figure.days.chunk_by(|day, next| day.acute == next.acute) {
            let middle = from as f64 + run.len() as f64 / 2.0;
            from += run.len();
            if run.first().is_some_and(|day| day.acute) {
                let words = if run.len() > 1 { &self.say().acute_days } else { &self.say().acute };
                panel.text((middle, 0.0), (0.0, -0.6 * line), words, Type::SMALL.centre())?;
            }
        }
        Ok(())
    }

    /// The label of a part, at its left.
    fn label(&self, y: f64, words: &str) -> Result<(), ChartError> {
        let words = if self.phone() { words.split([' ', ',']).next().unwrap_or(words) } else { words };
        self.sheet.text(self.layout.left - 8.0, y, words, Type::SMALL.of(self.layout.label_px).right())
    }

    /// Pain on its own scale: a line with round markers for now, small rings for the worst of 24 h.
    fn pain(&self) -> Result<(), ChartError> {
        let frame = self.layout.pain;
        let panel = self.panel(frame, 0.0, PAIN_MAX);
        for level in [0.0, 5.0, 10.0] {
            panel.line(&[(0.0, level), (self.figure.days.len() as f64, level)], Role::Grid, 0.8)?;
            panel.text((0.0, level), (-8.0, 0.0), &format!("{level}"), Type::SMALL.right())?;
        }
        self.sheet.text(frame.left, frame.top - 9.0, &self.say().pain, Type::SMALL)?;
        let told: Vec<Option<(f64, f64)>> =
            self.columns().map(|(at, day)| day.pain_now.map(|pain| (at + 0.5, f64::from(pain)))).collect();
        for run in told.split(Option::is_none) {
            let points: Vec<(f64, f64)> = run.iter().copied().flatten().collect();
            if points.len() > 1 {
                panel.line(&points, Role::Pain, 1.8)?;
            }
        }
        for (at, day) in self.columns() {
            if let Some(worst) = day.pain_worst.filter(|worst| Some(*worst) != day.pain_now) {
                panel.ring(at + 0.5, f64::from(worst), 2.8, Role::Pain, 1.2)?;
            }
        }
        for (at, pain) in told.into_iter().flatten() {
            panel.dot(at, pain, 3.6, Role::Pain)?;
        }
        Ok(())
    }

    /// A slot for each planned exercise, filled when done; what was done beyond the plan has no outline of a plan.
    fn plan(&self) -> Result<(), ChartError> {
        let layout = &self.layout;
        let panel = self.panel(layout.plan, 0.0, 1.0);
        let planned: u32 = self.figure.days.iter().map(|day| day.planned + day.extra).sum();
        if planned == 0 {
            return Ok(());
        }
        self.label((layout.plan.top + layout.plan.bottom) / 2.0, &self.say().plan)?;
        let step = layout.slot + 4.0;
        let row_of = ((self.column_px() - 6.0) / step).floor().max(1.0) as u32;
        let (slot_w, slot_h) = (layout.slot / self.column_px(), layout.slot / (layout.plan.bottom - layout.plan.top));
        for (at, day) in self.columns() {
            let slots = (day.planned + day.extra).min(2 * row_of);
            let rows = if slots > row_of { 2 } else { 1 };
            for slot in 0..slots {
                let (row, place) = (slot / row_of, slot % row_of);
                let in_row = if rows == 1 { slots } else { row_of.min(slots - row * row_of) };
                let width = (f64::from(in_row) * step - 4.0) / self.column_px();
                let left = at + 0.5 - width / 2.0 + f64::from(place) * step / self.column_px();
                let top = if rows == 1 { 0.5 + slot_h / 2.0 } else { 1.0 - f64::from(row) * (1.0 - slot_h) };
                let (across, up) = (left..left + slot_w, top - slot_h..top);
                if slot < day.done || slot >= day.planned {
                    panel.bar(across.clone(), up.clone(), Role::Plan)?;
                }
                panel.outline(across, up, Role::Plan, 1.4)?;
            }
        }
        Ok(())
    }

    fn bars(&self) -> Result<(), ChartError> {
        let layout = &self.layout;
        let theme = self.sheet.look.theme;
        let minutes = |seconds: crate::units::Seconds| seconds.0 / 60.0;
        let most = self.figure.days.iter().map(|day| minutes(day.totals.on_the_move())).fold(0.0, f64::max);
        let (highest, step) = scale(most, LEAST_MINUTES);
        let panel = self.panel(layout.bars, 0.0, highest);
        let caption = if self.phone() { &self.say().minutes_short } else { &self.say().minutes };
        self.sheet.text(layout.left, layout.bars.top - 30.0, caption, Type::SMALL)?;
        let mut at = 0.0;
        while at <= highest {
            panel.line(&[(0.0, at), (self.figure.days.len() as f64, at)], Role::Grid, 0.8)?;
            panel.text((0.0, at), (-8.0, 0.0), &format!("{at}"), Type::SMALL.right())?;
            at += step;
        }
        let mut named = false;
        for (at, day) in self.columns() {
            let across = at + 0.5 - BAR_SHARE / 2.0..at + 0.5 + BAR_SHARE / 2.0;
            let (walking, moving) = (minutes(day.totals.walking), minutes(day.totals.moving));
            let parts = [
                (0.0..walking, Role::Walking, Role::Walking),
                (walking..walking + moving, Role::Moving, Role::MovingEdge),
            ];
            let counts = self.figure.counts(day);
            for (up, role, edge) in parts {
                if up.end <= up.start {
                    continue;
                }
                if counts {
                    panel.bar(across.clone(), up.clone(), role)?;
                    panel.outline(across.clone(), up, edge, 0.9)?;
                } else {
                    panel.colored_bar(across.clone(), up.clone(), theme.lighter(role, LIGHTER))?;
                    panel.colored_hatch(across.clone(), up.clone(), theme.color(Role::Ground))?;
                    panel.outline(across.clone(), up, edge, 0.9)?;
                }
            }
            if day.totals.worn.0 <= 0.0 && day.totals.steps == 0 {
                panel.text(
                    (at + 0.5, 0.0),
                    (0.0, -10.0),
                    if self.phone() { "–" } else { &self.say().nothing_recorded },
                    Type::SMALL.centre(),
                )?;
                continue;
            }
            let set = Type::SMALL.of(layout.label_px).ink(Role::Ink).centre().above();
            let set = if self.is_today(day) { set.bold() } else { set };
            let mut words = number(day.totals.steps);
            if !named && !self.phone() {
                words = self.say().first_steps.fill(&[("count", &words)]);
                named = true;
            }
            panel.text((at + 0.5, walking + moving), (0.0, -5.0), &words, set)?;
        }
        self.part_names(&panel)
    }

    /// Names the parts of a bar inside the tallest one, where they fit.
    fn part_names(&self, panel: &Panel<'_>) -> Result<(), ChartError> {
        let tallest = self
            .columns()
            .filter(|(_, day)| self.figure.counts(day))
            .max_by(|a, b| a.1.totals.on_the_move().0.total_cmp(&b.1.totals.on_the_move().0));
        let Some((at, day)) = tallest else { return Ok(()) };
        let (walking, moving) = (day.totals.walking.0 / 60.0, day.totals.moving.0 / 60.0);
        let room = self.column_px() * BAR_SHARE - 4.0;
        for (from, length, words, role) in
            [(0.0, walking, &self.say().walking, Role::Ground), (walking, moving, &self.say().moving, Role::Ink)]
        {
            let (_, top) = panel.place(at, from + length);
            let (_, bottom) = panel.place(at, from);
            if bottom - top >= 16.0 && width(words, SMALL_PX, false) <= room {
                let set = Type::SMALL.centre().ink(role);
                panel.text((at + 0.5, from + length / 2.0), (0.0, 0.0), words, set)?;
            }
        }
        Ok(())
    }

    /// Sitting or standing still, as a thin foot whose length tells its share of a waking day.
    fn feet(&self) -> Result<(), ChartError> {
        let layout = &self.layout;
        let panel = self.panel(layout.foot, 0.0, 1.0);
        self.label((layout.foot.top + layout.foot.bottom) / 2.0, &self.say().still_of_16)?;
        for (at, day) in self.columns().filter(|(_, day)| day.totals.worn.0 > 0.0) {
            let left = at + 0.5 - BAR_SHARE / 2.0;
            let share = (day.totals.still.0 / 3600.0 / FOOT_FULL_H).min(1.0);
            panel.bar(left..left + BAR_SHARE * share, 0.0..1.0, Role::Still)?;
            panel.outline(left..left + BAR_SHARE, 0.0..1.0, Role::StillEdge, 0.8)?;
        }
        Ok(())
    }

    /// Days and hours of wear.
    fn days(&self) -> Result<(), ChartError> {
        let layout = &self.layout;
        let panel = self.panel(layout.foot, 0.0, 1.0);
        let line = layout.label_px * 1.4;
        let bottom = layout.foot.bottom;
        self.label(bottom + 12.0 + line, &self.say().worn)?;
        for (at, day) in self.columns() {
            let locale = self.sheet.look.locale;
            let name: String =
                locale.weekday_short(day.date.weekday()).chars().take(if self.phone() { 2 } else { 3 }).collect();
            let month: String = locale.month(day.date).chars().take(3).collect();
            let label = if self.phone() { &self.say().day_label_short } else { &self.say().day_label };
            let date = label.fill(&[("weekday", &name), ("day", &day.date.day()), ("month", &month)]);
            let today = self.is_today(day) && !self.phone();
            let words = if today { self.say().today_label.fill(&[("date", &date)]) } else { date };
            let set = Type::SMALL.of(layout.label_px).ink(Role::Ink).centre();
            let set = if self.is_today(day) { set.bold() } else { set };
            panel.text((at + 0.5, 0.0), (0.0, 12.0), &words, set)?;
            let worn = if day.totals.worn.0 > 0.0 { hours(day.totals.worn, locale) } else { "–".to_owned() };
            let worn = if self.phone() { worn.trim_end_matches([' ', 'h', '\u{202f}']).to_owned() } else { worn };
            panel.text((at + 0.5, 0.0), (0.0, 12.0 + line), &worn, Type::SMALL.of(layout.label_px).centre())?;
        }
        Ok(())
    }
}
