-- Known sensors get a role: worn on the back, or a wrist that is only buzzed.
ALTER TABLE sensors ADD COLUMN role TEXT NOT NULL DEFAULT 'worn' CHECK (role IN ('worn', 'buzzer'));
