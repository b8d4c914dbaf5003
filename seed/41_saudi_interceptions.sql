-- Two drones that Saudi Arabia intercepted: 2 May 2021, and Saturday 8 May 2021.
--
-- The second is a Houthi drone flown from Yemen.  Of the first only the day is said; that it was the Houthis' too is
-- what the neighbouring sentence suggests, so they are suspected.

INSERT INTO incident (key, title, summary, event_type, sub_event_type, date_edtf, place_id, grade, credibility, status) VALUES
    ('saudi-drone-2021-05-02', 'Saudi air defences intercept a drone',
     'Whose drone it was is not said.',
     'interception', 'Disrupted weapons use', '2021-05-02', (SELECT id FROM place WHERE key = 'saudi-arabia'), 'weak', 2, 'reviewed'),
    ('saudi-drone-2021-05-08', 'Saudi Arabia intercepts a Houthi drone',
     'The drone came from Yemen, on the day of the attack on Ain al-Asad.',
     'interception', 'Disrupted weapons use', '2021-05-08', (SELECT id FROM place WHERE key = 'saudi-arabia'), 'weak', 2, 'reviewed')
ON CONFLICT DO NOTHING;

WITH who (incident, actor, role, attribution) AS (VALUES
    ('saudi-drone-2021-05-02', 'saudi-air-defences', 'defender', 'known'),
    ('saudi-drone-2021-05-02', 'houthis', 'attacker', 'suspected'),
    ('saudi-drone-2021-05-08', 'saudi-arabia', 'defender', 'known'),
    ('saudi-drone-2021-05-08', 'houthis', 'attacker', 'known')
)
INSERT INTO incident_actor (incident_id, actor_id, role, attribution)
SELECT (SELECT id FROM incident WHERE key = who.incident), (SELECT id FROM actor WHERE key = who.actor), role, attribution
FROM who WHERE true ON CONFLICT DO NOTHING;

WITH used (incident, system, role, outcome, low, best, high) AS (VALUES
    ('saudi-drone-2021-05-02', 'drone', 'platform', 'intercepted', 1, 1, 1),
    ('saudi-drone-2021-05-02', 'air-defence', 'air_defence', 'intercepted', NULL, NULL, NULL),
    ('saudi-drone-2021-05-08', 'drone', 'platform', 'intercepted', 1, 1, 1),
    ('saudi-drone-2021-05-08', 'air-defence', 'air_defence', 'intercepted', NULL, NULL, NULL)
)
INSERT INTO incident_system (incident_id, system_id, role, outcome, count_low, count_best, count_high)
SELECT (SELECT id FROM incident WHERE key = used.incident), (SELECT id FROM system WHERE key = used.system),
       role, outcome, low, best, high
FROM used WHERE true ON CONFLICT DO NOTHING;

WITH words (incident, document, "start", prefix, suffix, exact) AS (VALUES
    ('saudi-drone-2021-05-02', 'jpost-2021-05-08', 3862, NULL, NULL,
     'intercepted a drone on May 2'),
    ('saudi-drone-2021-05-08', 'jpost-2021-05-08', 3767, NULL, NULL,
     'On Saturday, Saudi Arabia intercepted a Houthi drone')
)
INSERT INTO quote (incident_id, document_id, "start", "end", exact, prefix, suffix)
SELECT (SELECT id FROM incident WHERE key = words.incident), (SELECT id FROM document WHERE key = words.document),
       words."start", words."start" + length(exact), exact, prefix, suffix
FROM words
WHERE (incident, exact) NOT IN (SELECT i.key, q.exact FROM quote AS q JOIN incident AS i ON i.id = q.incident_id);

WITH claimed (incident, words, field, value) AS (VALUES
    ('saudi-drone-2021-05-02', 'on May 2', 'date', '2021-05-02'),
    ('saudi-drone-2021-05-02', 'on May 2', 'outcome:drone', 'intercepted'),
    ('saudi-drone-2021-05-08', 'On Saturday', 'date', '2021-05-08'),
    ('saudi-drone-2021-05-08', 'On Saturday', 'attacker', 'houthis'),
    ('saudi-drone-2021-05-08', 'On Saturday', 'outcome:drone', 'intercepted')
)
INSERT INTO claim (incident_id, quote_id, field, value)
SELECT (SELECT id FROM incident WHERE key = claimed.incident),
       (SELECT q.id FROM quote AS q JOIN incident AS i ON i.id = q.incident_id
        WHERE i.key = claimed.incident AND instr(q.exact, claimed.words)),
       field, value
FROM claimed WHERE true ON CONFLICT DO NOTHING;
