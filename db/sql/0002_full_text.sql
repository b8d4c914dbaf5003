-- Full text of an incident: its title, its summary and the words of all its quotes, one row each.
-- Between two quotes stands U+E000, a private-use character that is a word of its own to the tokenizer and that no
-- text has, so that a phrase never runs on from one quote into the next.
-- Triggers keep it true, so a store filled by sqlite3 alone is searchable too.

CREATE VIRTUAL TABLE incident_text USING fts5 (
    title, summary, quotes, tokenize = "unicode61 remove_diacritics 2"
);

CREATE VIEW incident_words AS
SELECT i.id, i.title, i.summary,
       (SELECT group_concat(q.exact || coalesce(' ' || char(57344) || ' ' || q.translation, ''), ' ' || char(57344) || ' ')
        FROM quote AS q WHERE q.incident_id = i.id) AS quotes
FROM incident AS i;

CREATE TRIGGER incident_text_insert AFTER INSERT ON incident BEGIN
    INSERT INTO incident_text (rowid, title, summary, quotes) VALUES (new.id, new.title, new.summary, NULL);
END;

CREATE TRIGGER incident_text_update AFTER UPDATE OF title, summary ON incident BEGIN
    UPDATE incident_text SET title = new.title, summary = new.summary WHERE rowid = new.id;
END;

CREATE TRIGGER incident_text_delete AFTER DELETE ON incident BEGIN
    DELETE FROM incident_text WHERE rowid = old.id;
END;

CREATE TRIGGER quote_text_insert AFTER INSERT ON quote BEGIN
    UPDATE incident_text SET quotes = (SELECT w.quotes FROM incident_words AS w WHERE w.id = new.incident_id)
    WHERE rowid = new.incident_id;
END;

CREATE TRIGGER quote_text_update AFTER UPDATE OF incident_id, exact, translation ON quote BEGIN
    UPDATE incident_text SET quotes = (SELECT w.quotes FROM incident_words AS w WHERE w.id = incident_text.rowid)
    WHERE rowid IN (old.incident_id, new.incident_id);
END;

CREATE TRIGGER quote_text_delete AFTER DELETE ON quote BEGIN
    UPDATE incident_text SET quotes = (SELECT w.quotes FROM incident_words AS w WHERE w.id = old.incident_id)
    WHERE rowid = old.incident_id;
END;
