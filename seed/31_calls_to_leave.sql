-- Calls for the US to leave Iraq: a member of parliament in April 2021, two lawmakers, and the years before.
--
-- "Last month" of 8 May 2021 is April.  The two lawmakers "also warned", with no time given.
-- `claimant` is the one who makes the demand.

INSERT INTO incident (kind, key, title, summary, event_type, date_edtf, place_id, status) VALUES
    ('incident', 'ziyadi-call-2021-04', 'Iraqi deputy calls for US troops to leave',
     'Badr al-Ziyadi of the parliament’s defence and security committee called for the evacuation of American troops,'
     || ' which he says are meant to stay for good.',
     'statement', '2021-04', (SELECT id FROM place WHERE key = 'iraq'), 'reviewed'),
    ('incident', 'fatah-warning-2021', 'Fatah lawmakers warn of lasting US presence',
     'Two lawmakers of the Fatah Alliance warned that the US intends to keep a military presence in Iraq.',
     'statement', '[..2021-05-08]', (SELECT id FROM place WHERE key = 'iraq'), 'reviewed'),
    ('aggregate', 'calls-to-leave', 'Calls for the US to leave Iraq grow',
     'Calls for a withdrawal began to increase in 2017.',
     'statement', '2017/..', (SELECT id FROM place WHERE key = 'iraq'), 'reviewed')
ON CONFLICT DO NOTHING;

WITH who (incident, actor, role, attribution) AS (VALUES
    ('ziyadi-call-2021-04', 'badr-al-ziyadi', 'claimant', 'known'),
    ('ziyadi-call-2021-04', 'us-forces', 'affected', 'known'),
    ('fatah-warning-2021', 'fatah-lawmakers', 'claimant', 'known'),
    ('fatah-warning-2021', 'us-forces', 'affected', 'known'),
    ('calls-to-leave', 'us-forces', 'affected', 'known')
)
INSERT INTO incident_actor (incident_id, actor_id, role, attribution)
SELECT (SELECT id FROM incident WHERE key = who.incident), (SELECT id FROM actor WHERE key = who.actor), role, attribution
FROM who WHERE true ON CONFLICT DO NOTHING;

WITH words (incident, document, "start", prefix, suffix, exact) AS (VALUES
    ('ziyadi-call-2021-04', 'jpost-2021-05-08', 3057, NULL, NULL,
     'last month, Badr al-Ziyadi'),
    ('ziyadi-call-2021-04', 'jpost-2021-05-08', 3157, NULL, NULL,
     'called for the evacuation of American troops'),
    ('ziyadi-call-2021-04', 'jpost-2021-05-08', 3301, NULL, NULL,
     'no intention of ever withdrawing'),
    ('fatah-warning-2021', 'jpost-2021-05-08', 3336, NULL, NULL,
     'Two lawmakers with the Fatah (Conquest) Alliance'),
    ('calls-to-leave', 'jpost-2021-06-22', 2253, NULL, NULL,
     'began to increase in 2017')
)
INSERT INTO quote (incident_id, document_id, "start", "end", exact, prefix, suffix)
SELECT (SELECT id FROM incident WHERE key = words.incident), (SELECT id FROM document WHERE key = words.document),
       words."start", words."start" + length(exact), exact, prefix, suffix
FROM words
WHERE (incident, exact) NOT IN (SELECT i.key, q.exact FROM quote AS q JOIN incident AS i ON i.id = q.incident_id);

WITH said (incident, words, step, actor, verb) AS (VALUES
    ('ziyadi-call-2021-04', 'last month', 1, 'press-tv', 'noted'),
    ('ziyadi-call-2021-04', 'last month', 2, 'badr-al-ziyadi', 'called for'),
    ('ziyadi-call-2021-04', 'called for', 1, 'press-tv', 'noted'),
    ('ziyadi-call-2021-04', 'called for', 2, 'badr-al-ziyadi', 'called for'),
    ('ziyadi-call-2021-04', 'no intention', 1, 'press-tv', 'noted'),
    ('ziyadi-call-2021-04', 'no intention', 2, 'al-maalomah', 'was told'),
    ('ziyadi-call-2021-04', 'no intention', 3, 'badr-al-ziyadi', 'told'),
    ('fatah-warning-2021', 'Two lawmakers', 1, 'press-tv', 'noted'),
    ('fatah-warning-2021', 'Two lawmakers', 2, 'fatah-lawmakers', 'warned')
)
INSERT INTO attribution (quote_id, step, actor_id, verb)
SELECT (SELECT q.id FROM quote AS q JOIN incident AS i ON i.id = q.incident_id
        WHERE i.key = said.incident AND instr(q.exact, said.words)),
       step, (SELECT id FROM actor WHERE key = said.actor), verb
FROM said WHERE true ON CONFLICT DO NOTHING;

WITH claimed (incident, words, field, value) AS (VALUES
    ('ziyadi-call-2021-04', 'last month', 'date', '2021-04'),
    ('calls-to-leave', 'in 2017', 'date', '2017/..')
)
INSERT INTO claim (incident_id, quote_id, field, value)
SELECT (SELECT id FROM incident WHERE key = claimed.incident),
       (SELECT q.id FROM quote AS q JOIN incident AS i ON i.id = q.incident_id
        WHERE i.key = claimed.incident AND instr(q.exact, claimed.words)),
       field, value
FROM claimed WHERE true ON CONFLICT DO NOTHING;

WITH tie (incident, other, kind) AS (VALUES
    ('ziyadi-call-2021-04', 'calls-to-leave', 'part_of'),
    ('fatah-warning-2021', 'calls-to-leave', 'part_of')
)
INSERT INTO incident_link (from_id, to_id, kind)
SELECT (SELECT id FROM incident WHERE key = tie.incident), (SELECT id FROM incident WHERE key = tie.other), kind
FROM tie WHERE true ON CONFLICT DO NOTHING;
