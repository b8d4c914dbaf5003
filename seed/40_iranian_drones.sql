-- Iran's drones and where they go: a drill, the flight into Israel of 2018, exports, and the parades of its allies.

INSERT INTO incident (kind, key, title, summary, event_type, date_edtf, place_id, grade, credibility, status) VALUES
    ('incident', 'semnan-drill-2021-01-06', 'Iranian army holds drone exercise',
     'A large-scale drone combat exercise of Iran’s army, known here from the caption of a photograph.',
     'drill', '2021-01-06', (SELECT id FROM place WHERE key = 'semnan'), NULL, NULL, 'reviewed'),
    ('incident', 'israel-drone-2018-02', 'Iran flies a drone into Israel',
     'Named in a list of the places where Iran has used drones.',
     'incursion', '2018-02', (SELECT id FROM place WHERE key = 'israel'), 'weak', 2, 'reviewed'),
    -- One sentence, two countries: an incident has one place, so there are two rows.
    ('aggregate', 'iran-drones-iraq', 'Iran uses drones in Iraq',
     'Named in a list of the countries where Iran has used drones; no days given.',
     'drone-strike', '../2021-05-08', (SELECT id FROM place WHERE key = 'iraq'), NULL, NULL, 'reviewed'),
    ('aggregate', 'iran-drones-syria', 'Iran uses drones in Syria',
     'Named in a list of the countries where Iran has used drones; no days given.',
     'drone-strike', '../2021-05-08', (SELECT id FROM place WHERE key = 'syria'), NULL, NULL, 'reviewed'),
    ('aggregate', 'houthi-drone-exports', 'Iran exports drone technology to the Houthis',
     'The drones that the Houthis fly from Yemen have their technology from Iran.',
     'arms-transfer', '../2021-05-08', (SELECT id FROM place WHERE key = 'yemen'), NULL, NULL, 'reviewed'),
    ('aggregate', 'iraq-drone-transfer', 'Iran moves drone technology to Iraq',
     'An inference of the first article, from the drone strikes at Erbil and Ain al-Asad.',
     'arms-transfer', '../2021-05-08', (SELECT id FROM place WHERE key = 'iraq'), NULL, NULL, 'reviewed'),
    ('aggregate', 'iraq-missile-transfer', 'Iran moves drones and missiles to Iraq',
     'Said as a fact by the second article: drones and ballistic missiles, in recent years.',
     'arms-transfer', '../2021-06-22', (SELECT id FROM place WHERE key = 'iraq'), NULL, NULL, 'reviewed'),
    ('aggregate', 'saudi-drones-from-iraq', 'Drones fly from Iraq to attack Saudi Arabia',
     'More than one, no days given.',
     'drone-strike', '../2021-06-22', (SELECT id FROM place WHERE key = 'saudi-arabia'), NULL, NULL, 'reviewed'),
    ('aggregate', 'weapons-to-hezbollah', 'Weapons pass through Iraq to Hezbollah',
     'Iraq is a conduit for weapons on their way to Syria and then to Hezbollah.',
     'arms-transfer', '../2021-06-22', (SELECT id FROM place WHERE key = 'iraq'), NULL, NULL, 'reviewed'),
    ('aggregate', 'drones-on-parade', 'Militias show drones at military parades',
     'Pro-Iranian militias have displayed drones more and more.',
     'demonstration', '../2021-06-22', (SELECT id FROM place WHERE key = 'iraq'), NULL, NULL, 'reviewed')
ON CONFLICT DO NOTHING;

-- `host` is who holds an event that is no attack: the exercise, the transfer, the parade.
WITH who (incident, actor, role, attribution) AS (VALUES
    ('semnan-drill-2021-01-06', 'iranian-army', 'host', 'known'),
    ('israel-drone-2018-02', 'iran', 'attacker', 'known'),
    ('israel-drone-2018-02', 'israel', 'target', 'known'),
    ('iran-drones-iraq', 'iran', 'attacker', 'known'),
    ('iran-drones-syria', 'iran', 'attacker', 'known'),
    ('houthi-drone-exports', 'iran', 'host', 'known'),
    ('houthi-drone-exports', 'houthis', 'affected', 'known'),
    ('iraq-drone-transfer', 'iran', 'host', 'suspected'),
    ('iraq-drone-transfer', 'pro-iran-groups', 'affected', 'suspected'),
    ('iraq-missile-transfer', 'iran', 'host', 'known'),
    ('saudi-drones-from-iraq', 'saudi-arabia', 'target', 'known'),
    ('saudi-drones-from-iraq', 'pro-iran-groups', 'attacker', 'suspected'),
    ('weapons-to-hezbollah', 'hezbollah', 'affected', 'known'),
    ('weapons-to-hezbollah', 'iran', 'host', 'suspected'),
    ('drones-on-parade', 'pro-iran-groups', 'host', 'known')
)
INSERT INTO incident_actor (incident_id, actor_id, role, attribution)
SELECT (SELECT id FROM incident WHERE key = who.incident), (SELECT id FROM actor WHERE key = who.actor), role, attribution
FROM who WHERE true ON CONFLICT DO NOTHING;

WITH used (incident, system, role, outcome, low, best, high) AS (VALUES
    ('semnan-drill-2021-01-06', 'drone', 'platform', NULL, NULL, NULL, NULL),
    ('israel-drone-2018-02', 'drone', 'platform', NULL, NULL, NULL, NULL),
    ('iran-drones-iraq', 'drone', 'platform', NULL, NULL, NULL, NULL),
    ('iran-drones-syria', 'drone', 'platform', NULL, NULL, NULL, NULL),
    ('houthi-drone-exports', 'drone', 'platform', NULL, NULL, NULL, NULL),
    ('iraq-drone-transfer', 'drone', 'platform', NULL, NULL, NULL, NULL),
    ('iraq-missile-transfer', 'drone', 'platform', NULL, NULL, NULL, NULL),
    ('iraq-missile-transfer', 'ballistic-missile', 'munition', NULL, NULL, NULL, NULL),
    ('saudi-drones-from-iraq', 'drone', 'munition', NULL, NULL, NULL, NULL),
    ('drones-on-parade', 'drone', 'platform', NULL, NULL, NULL, NULL)
)
INSERT INTO incident_system (incident_id, system_id, role, outcome, count_low, count_best, count_high)
SELECT (SELECT id FROM incident WHERE key = used.incident), (SELECT id FROM system WHERE key = used.system),
       role, outcome, low, best, high
FROM used WHERE true ON CONFLICT DO NOTHING;

WITH words (incident, document, "start", prefix, suffix, exact) AS (VALUES
    ('semnan-drill-2021-01-06', 'jpost-2021-05-08', 291, NULL, NULL,
     'drone combat exercise of Army of the Islamic Republic of Iran, in Semnan, Iran January 6, 2021'),
    ('israel-drone-2018-02', 'jpost-2021-05-08', 3619, NULL, NULL,
     'Israel in February 2018'),
    ('iran-drones-iraq', 'jpost-2021-05-08', 3570, NULL, NULL,
     'has used drones in Iraq and Syria'),
    ('iran-drones-syria', 'jpost-2021-05-08', 3570, NULL, NULL,
     'has used drones in Iraq and Syria'),
    ('houthi-drone-exports', 'jpost-2021-05-08', 3661, NULL, NULL,
     'drone technology to the Houthis'),
    ('iraq-drone-transfer', 'jpost-2021-05-08', 3727, NULL, NULL,
     'moved drone technology to Iraq'),
    ('iraq-missile-transfer', 'jpost-2021-06-22', 2313, NULL, NULL,
     'moved drones and ballistic missiles to Iraq'),
    ('saudi-drones-from-iraq', 'jpost-2021-06-22', 2391, NULL, NULL,
     'flown from Iraq to attack Saudi Arabia'),
    ('weapons-to-hezbollah', 'jpost-2021-06-22', 2457, NULL, NULL,
     'weapons trafficking to Syria and then on to Hezbollah'),
    ('drones-on-parade', 'jpost-2021-06-22', 1646, NULL, NULL,
     'increasingly displayed at military parades')
)
INSERT INTO quote (incident_id, document_id, "start", "end", exact, prefix, suffix)
SELECT (SELECT id FROM incident WHERE key = words.incident), (SELECT id FROM document WHERE key = words.document),
       words."start", words."start" + length(exact), exact, prefix, suffix
FROM words
WHERE (incident, exact) NOT IN (SELECT i.key, q.exact FROM quote AS q JOIN incident AS i ON i.id = q.incident_id);

-- The caption's credit line is "IRANIAN ARMY/WANA/REUTERS": the army's picture, by way of two agencies.
WITH said (incident, words, step, actor, verb) AS (VALUES
    ('semnan-drill-2021-01-06', 'drone combat', 1, 'reuters', 'distributed'),
    ('semnan-drill-2021-01-06', 'drone combat', 2, 'wana', 'distributed'),
    ('semnan-drill-2021-01-06', 'drone combat', 3, 'iranian-army', 'credited')
)
INSERT INTO attribution (quote_id, step, actor_id, verb)
SELECT (SELECT q.id FROM quote AS q JOIN incident AS i ON i.id = q.incident_id
        WHERE i.key = said.incident AND instr(q.exact, said.words)),
       step, (SELECT id FROM actor WHERE key = said.actor), verb
FROM said WHERE true ON CONFLICT DO NOTHING;

WITH claimed (incident, words, field, value) AS (VALUES
    ('semnan-drill-2021-01-06', 'January 6, 2021', 'date', '2021-01-06'),
    ('semnan-drill-2021-01-06', 'January 6, 2021', 'place', 'semnan'),
    ('israel-drone-2018-02', 'February 2018', 'date', '2018-02'),
    ('israel-drone-2018-02', 'February 2018', 'place', 'israel')
)
INSERT INTO claim (incident_id, quote_id, field, value)
SELECT (SELECT id FROM incident WHERE key = claimed.incident),
       (SELECT q.id FROM quote AS q JOIN incident AS i ON i.id = q.incident_id
        WHERE i.key = claimed.incident AND instr(q.exact, claimed.words)),
       field, value
FROM claimed WHERE true ON CONFLICT DO NOTHING;

WITH tie (incident, other, kind) AS (VALUES
    ('iraq-drone-transfer', 'iraq-missile-transfer', 'part_of'),
    ('iran-drones-iraq', 'iran-drones-syria', 'related')
)
INSERT INTO incident_link (from_id, to_id, kind)
SELECT (SELECT id FROM incident WHERE key = tie.incident), (SELECT id FROM incident WHERE key = tie.other), kind
FROM tie WHERE true ON CONFLICT DO NOTHING;
