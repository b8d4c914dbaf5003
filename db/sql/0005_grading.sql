-- When a document's reliability was graded, and why.  Who graded it stands in the log.

ALTER TABLE document ADD COLUMN reliability_at TEXT;      -- UTC, ISO 8601

ALTER TABLE document ADD COLUMN reliability_reason TEXT;

-- A grade that is changed alone, by plain SQL say, does not keep the day and the reason of another grade.
CREATE TRIGGER document_regraded AFTER UPDATE OF reliability ON document
WHEN new.reliability IS NOT old.reliability
    AND new.reliability_at IS old.reliability_at AND new.reliability_reason IS old.reliability_reason BEGIN
    UPDATE document SET reliability_at = NULL, reliability_reason = NULL WHERE id = new.id;
END;
