-- Caches hear of what plain SQL replaces (INSERT OR REPLACE): SQLite fires no trigger for the row that goes.  A name that
-- comes in its place is told from a new one by those that refer to it already; of what hangs on an incident the row that
-- goes is still there before the other comes.

CREATE INDEX actor_by_whole ON actor (part_of) WHERE part_of IS NOT NULL;
CREATE INDEX place_by_whole ON place (part_of) WHERE part_of IS NOT NULL;
CREATE INDEX system_by_whole ON system (part_of) WHERE part_of IS NOT NULL;

CREATE TRIGGER change_actor_replaced AFTER INSERT ON actor
WHEN EXISTS (SELECT 1 FROM incident_actor WHERE actor_id = new.id)
    OR EXISTS (SELECT 1 FROM attribution WHERE actor_id = new.id)
    OR EXISTS (SELECT 1 FROM actor WHERE part_of = new.id) BEGIN
    DELETE FROM change WHERE incident_id = 0; INSERT INTO change (incident_id) VALUES (0);
END;

CREATE TRIGGER change_place_replaced AFTER INSERT ON place
WHEN EXISTS (SELECT 1 FROM incident WHERE place_id = new.id)
    OR EXISTS (SELECT 1 FROM place WHERE part_of = new.id) BEGIN
    DELETE FROM change WHERE incident_id = 0; INSERT INTO change (incident_id) VALUES (0);
END;

CREATE TRIGGER change_system_replaced AFTER INSERT ON system
WHEN EXISTS (SELECT 1 FROM incident_system WHERE system_id = new.id)
    OR EXISTS (SELECT 1 FROM system WHERE part_of = new.id) BEGIN
    DELETE FROM change WHERE incident_id = 0; INSERT INTO change (incident_id) VALUES (0);
END;

CREATE TRIGGER change_document_replaced AFTER INSERT ON document
WHEN EXISTS (SELECT 1 FROM quote WHERE document_id = new.id) BEGIN
    DELETE FROM change WHERE incident_id = 0; INSERT INTO change (incident_id) VALUES (0);
END;

CREATE TRIGGER change_tag_replaced AFTER INSERT ON tag
WHEN EXISTS (SELECT 1 FROM incident_tag WHERE tag_id = new.id) BEGIN
    DELETE FROM change WHERE incident_id = 0; INSERT INTO change (incident_id) VALUES (0);
END;

-- The names of countries are ISO's, and yet another program may write to them.
CREATE TRIGGER change_country_insert AFTER INSERT ON country BEGIN
    DELETE FROM change WHERE incident_id = 0; INSERT INTO change (incident_id) VALUES (0);
END;

CREATE TRIGGER change_country_update AFTER UPDATE ON country BEGIN
    DELETE FROM change WHERE incident_id = 0; INSERT INTO change (incident_id) VALUES (0);
END;

CREATE TRIGGER change_country_delete AFTER DELETE ON country BEGIN
    DELETE FROM change WHERE incident_id = 0; INSERT INTO change (incident_id) VALUES (0);
END;

CREATE TRIGGER change_incident_actor_replaced BEFORE INSERT ON incident_actor
WHEN EXISTS (SELECT 1 FROM incident_actor WHERE id = new.id) BEGIN
    DELETE FROM change WHERE incident_id = (SELECT incident_id FROM incident_actor WHERE id = new.id);
    INSERT INTO change (incident_id) SELECT incident_id FROM incident_actor WHERE id = new.id;
END;

CREATE TRIGGER change_incident_system_replaced BEFORE INSERT ON incident_system
WHEN EXISTS (SELECT 1 FROM incident_system WHERE id = new.id) BEGIN
    DELETE FROM change WHERE incident_id = (SELECT incident_id FROM incident_system WHERE id = new.id);
    INSERT INTO change (incident_id) SELECT incident_id FROM incident_system WHERE id = new.id;
END;

CREATE TRIGGER change_quote_replaced BEFORE INSERT ON quote
WHEN EXISTS (SELECT 1 FROM quote WHERE id = new.id) BEGIN
    DELETE FROM change WHERE incident_id = (SELECT incident_id FROM quote WHERE id = new.id);
    INSERT INTO change (incident_id) SELECT incident_id FROM quote WHERE id = new.id;
END;

CREATE TRIGGER change_claim_replaced BEFORE INSERT ON claim
WHEN EXISTS (SELECT 1 FROM claim WHERE id = new.id) BEGIN
    DELETE FROM change WHERE incident_id = (SELECT incident_id FROM claim WHERE id = new.id);
    INSERT INTO change (incident_id) SELECT incident_id FROM claim WHERE id = new.id;
END;

CREATE TRIGGER change_incident_tag_replaced BEFORE INSERT ON incident_tag
WHEN EXISTS (SELECT 1 FROM incident_tag WHERE id = new.id) BEGIN
    DELETE FROM change WHERE incident_id = (SELECT incident_id FROM incident_tag WHERE id = new.id);
    INSERT INTO change (incident_id) SELECT incident_id FROM incident_tag WHERE id = new.id;
END;

CREATE TRIGGER change_note_replaced BEFORE INSERT ON note
WHEN EXISTS (SELECT 1 FROM note WHERE id = new.id) BEGIN
    DELETE FROM change WHERE incident_id = (SELECT incident_id FROM note WHERE id = new.id);
    INSERT INTO change (incident_id) SELECT incident_id FROM note WHERE id = new.id;
END;

CREATE TRIGGER change_attribution_replaced BEFORE INSERT ON attribution
WHEN EXISTS (SELECT 1 FROM attribution WHERE id = new.id) BEGIN
    DELETE FROM change WHERE incident_id =
        (SELECT q.incident_id FROM attribution AS x JOIN quote AS q ON q.id = x.quote_id WHERE x.id = new.id);
    INSERT INTO change (incident_id)
    SELECT q.incident_id FROM attribution AS x JOIN quote AS q ON q.id = x.quote_id WHERE x.id = new.id;
END;

CREATE TRIGGER change_incident_actor_renumbered BEFORE UPDATE OF id ON incident_actor
WHEN new.id IS NOT old.id AND EXISTS (SELECT 1 FROM incident_actor WHERE id = new.id) BEGIN
    DELETE FROM change WHERE incident_id = (SELECT incident_id FROM incident_actor WHERE id = new.id);
    INSERT INTO change (incident_id) SELECT incident_id FROM incident_actor WHERE id = new.id;
END;

CREATE TRIGGER change_incident_system_renumbered BEFORE UPDATE OF id ON incident_system
WHEN new.id IS NOT old.id AND EXISTS (SELECT 1 FROM incident_system WHERE id = new.id) BEGIN
    DELETE FROM change WHERE incident_id = (SELECT incident_id FROM incident_system WHERE id = new.id);
    INSERT INTO change (incident_id) SELECT incident_id FROM incident_system WHERE id = new.id;
END;

CREATE TRIGGER change_quote_renumbered BEFORE UPDATE OF id ON quote
WHEN new.id IS NOT old.id AND EXISTS (SELECT 1 FROM quote WHERE id = new.id) BEGIN
    DELETE FROM change WHERE incident_id = (SELECT incident_id FROM quote WHERE id = new.id);
    INSERT INTO change (incident_id) SELECT incident_id FROM quote WHERE id = new.id;
END;

CREATE TRIGGER change_claim_renumbered BEFORE UPDATE OF id ON claim
WHEN new.id IS NOT old.id AND EXISTS (SELECT 1 FROM claim WHERE id = new.id) BEGIN
    DELETE FROM change WHERE incident_id = (SELECT incident_id FROM claim WHERE id = new.id);
    INSERT INTO change (incident_id) SELECT incident_id FROM claim WHERE id = new.id;
END;

CREATE TRIGGER change_incident_tag_renumbered BEFORE UPDATE OF id ON incident_tag
WHEN new.id IS NOT old.id AND EXISTS (SELECT 1 FROM incident_tag WHERE id = new.id) BEGIN
    DELETE FROM change WHERE incident_id = (SELECT incident_id FROM incident_tag WHERE id = new.id);
    INSERT INTO change (incident_id) SELECT incident_id FROM incident_tag WHERE id = new.id;
END;

CREATE TRIGGER change_note_renumbered BEFORE UPDATE OF id ON note
WHEN new.id IS NOT old.id AND EXISTS (SELECT 1 FROM note WHERE id = new.id) BEGIN
    DELETE FROM change WHERE incident_id = (SELECT incident_id FROM note WHERE id = new.id);
    INSERT INTO change (incident_id) SELECT incident_id FROM note WHERE id = new.id;
END;

CREATE TRIGGER change_attribution_renumbered BEFORE UPDATE OF id ON attribution
WHEN new.id IS NOT old.id AND EXISTS (SELECT 1 FROM attribution WHERE id = new.id) BEGIN
    DELETE FROM change WHERE incident_id =
        (SELECT q.incident_id FROM attribution AS x JOIN quote AS q ON q.id = x.quote_id WHERE x.id = new.id);
    INSERT INTO change (incident_id)
    SELECT q.incident_id FROM attribution AS x JOIN quote AS q ON q.id = x.quote_id WHERE x.id = new.id;
END;
