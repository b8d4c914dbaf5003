-- The drone at Erbil, mid-April 2021: one incident in two documents.
--
-- "In mid-April" is written 2021-04-15~, about the 15th: possibly any day from the 10th to the 20th.

INSERT INTO incident (key, title, summary, event_type, sub_event_type, date_edtf, place_id, grade, credibility, status) VALUES
    ('erbil-drone-2021-04', 'Drone attacks CIA hangar at Erbil airport',
     'A drone was sent against what is called a secret CIA hangar at an airport in Erbil; neither article says what it hit.',
     'drone-strike', 'Air/drone strike', '2021-04-15~', (SELECT id FROM place WHERE key = 'erbil-airport'), 'weak', 2, 'reviewed')
ON CONFLICT DO NOTHING;

WITH who (incident, actor, role, attribution) AS (VALUES
    ('erbil-drone-2021-04', 'cia', 'target', 'known'),
    ('erbil-drone-2021-04', 'pro-iran-groups', 'attacker', 'suspected')
)
INSERT INTO incident_actor (incident_id, actor_id, role, attribution)
SELECT (SELECT id FROM incident WHERE key = who.incident), (SELECT id FROM actor WHERE key = who.actor), role, attribution
FROM who WHERE true ON CONFLICT DO NOTHING;

WITH used (incident, system, role, outcome, low, best, high) AS (VALUES
    ('erbil-drone-2021-04', 'drone', 'munition', 'unknown', 1, 1, 1)
)
INSERT INTO incident_system (incident_id, system_id, role, outcome, count_low, count_best, count_high)
SELECT (SELECT id FROM incident WHERE key = used.incident), (SELECT id FROM system WHERE key = used.system),
       role, outcome, low, best, high
FROM used WHERE true ON CONFLICT DO NOTHING;

WITH words (incident, document, "start", prefix, suffix, exact) AS (VALUES
    ('erbil-drone-2021-04', 'jpost-2021-05-08', 3477, NULL, NULL,
     'In mid-April, another drone targeted Erbil.'),
    ('erbil-drone-2021-04', 'jpost-2021-05-08', 3898, NULL, NULL,
     'drone attacks in Iraq and around the region, likely linked to Iran'),
    ('erbil-drone-2021-04', 'jpost-2021-06-22', 1690, NULL, NULL,
     'A drone was used to attack a secret CIA hangar at an airport in Erbil, according to reports in April')
)
INSERT INTO quote (incident_id, document_id, "start", "end", exact, prefix, suffix)
SELECT (SELECT id FROM incident WHERE key = words.incident), (SELECT id FROM document WHERE key = words.document),
       words."start", words."start" + length(exact), exact, prefix, suffix
FROM words
WHERE (incident, exact) NOT IN (SELECT i.key, q.exact FROM quote AS q JOIN incident AS i ON i.id = q.incident_id);

WITH said (incident, words, step, actor, verb) AS (VALUES
    ('erbil-drone-2021-04', 'secret CIA hangar', 1, 'april-reports', 'reported')
)
INSERT INTO attribution (quote_id, step, actor_id, verb)
SELECT (SELECT q.id FROM quote AS q JOIN incident AS i ON i.id = q.incident_id
        WHERE i.key = said.incident AND instr(q.exact, said.words)),
       step, (SELECT id FROM actor WHERE key = said.actor), verb
FROM said WHERE true ON CONFLICT DO NOTHING;

WITH claimed (incident, words, field, value) AS (VALUES
    ('erbil-drone-2021-04', 'In mid-April', 'date', '2021-04-15~'),
    ('erbil-drone-2021-04', 'In mid-April', 'weapon', 'drone'),
    ('erbil-drone-2021-04', 'In mid-April', 'place', 'erbil'),
    ('erbil-drone-2021-04', 'secret CIA hangar', 'date', '[..2021-04-30]'),  -- the reports are of April: no later than that
    ('erbil-drone-2021-04', 'secret CIA hangar', 'weapon', 'drone'),
    ('erbil-drone-2021-04', 'secret CIA hangar', 'place', 'erbil-airport')
)
INSERT INTO claim (incident_id, quote_id, field, value)
SELECT (SELECT id FROM incident WHERE key = claimed.incident),
       (SELECT q.id FROM quote AS q JOIN incident AS i ON i.id = q.incident_id
        WHERE i.key = claimed.incident AND instr(q.exact, claimed.words)),
       field, value
FROM claimed WHERE true ON CONFLICT DO NOTHING;
