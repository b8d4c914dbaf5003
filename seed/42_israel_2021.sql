-- Israel, May and June 2021: drones in the May conflict, and a laser against drones.
--
-- The conflict is given as "the May conflict" and no closer, so each of its incidents is some day of May 2021.

INSERT INTO incident (kind, key, title, summary, event_type, sub_event_type, date_edtf, place_id, grade, credibility, status) VALUES
    ('context', 'guardian-of-the-walls', 'Operation Guardian of the Walls',
     'The conflict between Israel and Hamas of May 2021.',
     'conflict', NULL, '2021-05', (SELECT id FROM place WHERE key = 'israel'), NULL, NULL, 'reviewed'),
    ('incident', 'israel-drone-2021-05', 'Drone from Iraq or Syria enters Israel',
     'A drone piloted from Iraq or Syria, it is not said which, flew into Israeli airspace.',
     'incursion', NULL, '2021-05', (SELECT id FROM place WHERE key = 'israel'), 'weak', 2, 'reviewed'),
    ('aggregate', 'hamas-drones-2021-05', 'Hamas sends drones against Israel',
     'Iranian-style drones were used to try to attack Israel; how many is not said.',
     'drone-strike', 'Air/drone strike', '2021-05', (SELECT id FROM place WHERE key = 'israel'), NULL, NULL, 'reviewed'),
    ('incident', 'iron-dome-2021-05', 'Iron Dome shoots down a Hamas drone',
     'At least one of the drones that Hamas used was shot down.',
     'interception', 'Disrupted weapons use', '2021-05', (SELECT id FROM place WHERE key = 'israel'), 'weak', 2, 'reviewed'),
    ('incident', 'israel-laser-2021-06-21', 'Israel shows a laser against drones',
     'The laser can shoot down drones; it is years away from use.',
     'demonstration', NULL, '2021-06-21', (SELECT id FROM place WHERE key = 'israel'), NULL, NULL, 'reviewed')
ON CONFLICT DO NOTHING;

WITH who (incident, actor, role, attribution) AS (VALUES
    ('guardian-of-the-walls', 'israel', 'host', 'known'),
    ('guardian-of-the-walls', 'hamas', 'affected', 'known'),
    ('israel-drone-2021-05', 'israel', 'target', 'known'),
    ('israel-drone-2021-05', 'pro-iran-groups', 'attacker', 'suspected'),
    ('hamas-drones-2021-05', 'hamas', 'attacker', 'known'),
    ('hamas-drones-2021-05', 'israel', 'target', 'known'),
    ('iron-dome-2021-05', 'hamas', 'attacker', 'known'),
    ('iron-dome-2021-05', 'israel', 'defender', 'known'),
    ('israel-laser-2021-06-21', 'israel', 'host', 'known')
)
INSERT INTO incident_actor (incident_id, actor_id, role, attribution)
SELECT (SELECT id FROM incident WHERE key = who.incident), (SELECT id FROM actor WHERE key = who.actor), role, attribution
FROM who WHERE true ON CONFLICT DO NOTHING;

WITH used (incident, system, role, outcome, low, best, high) AS (VALUES
    ('israel-drone-2021-05', 'drone', 'platform', NULL, 1, 1, 1),
    ('hamas-drones-2021-05', 'iranian-style-drone', 'munition', NULL, NULL, NULL, NULL),
    ('iron-dome-2021-05', 'iranian-style-drone', 'munition', 'intercepted', 1, NULL, NULL),  -- "at least one"
    ('iron-dome-2021-05', 'iron-dome', 'air_defence', 'intercepted', NULL, NULL, NULL),
    ('israel-laser-2021-06-21', 'anti-drone-laser', 'air_defence', NULL, NULL, NULL, NULL)
)
INSERT INTO incident_system (incident_id, system_id, role, outcome, count_low, count_best, count_high)
SELECT (SELECT id FROM incident WHERE key = used.incident), (SELECT id FROM system WHERE key = used.system),
       role, outcome, low, best, high
FROM used WHERE true ON CONFLICT DO NOTHING;

WITH words (incident, document, "start", prefix, suffix, exact) AS (VALUES
    ('guardian-of-the-walls', 'jpost-2021-06-22', 2520, NULL, NULL,
     'Operation Guardian of the Walls, the May conflict'),
    ('israel-drone-2021-05', 'jpost-2021-06-22', 2553, NULL, NULL,
     'the May conflict'),
    ('israel-drone-2021-05', 'jpost-2021-06-22', 2596, NULL, NULL,
     'a drone piloted from Iraq or Syria flew into Israeli airspace'),
    ('hamas-drones-2021-05', 'jpost-2021-06-22', 2659, NULL, NULL,
     'Hamas used Iranian-style drones'),
    ('iron-dome-2021-05', 'jpost-2021-06-22', 2720, NULL, NULL,
     'Iron Dome air-defense system shot at least one of them down'),
    ('israel-laser-2021-06-21', 'jpost-2021-06-22', 2782, NULL, NULL,
     'On Monday, Israel showcased a new laser'),
    ('israel-laser-2021-06-21', 'jpost-2021-06-22', 2883, NULL, NULL,
     'years for it to become operational')
)
INSERT INTO quote (incident_id, document_id, "start", "end", exact, prefix, suffix)
SELECT (SELECT id FROM incident WHERE key = words.incident), (SELECT id FROM document WHERE key = words.document),
       words."start", words."start" + length(exact), exact, prefix, suffix
FROM words
WHERE (incident, exact) NOT IN (SELECT i.key, q.exact FROM quote AS q JOIN incident AS i ON i.id = q.incident_id);

WITH claimed (incident, words, field, value) AS (VALUES
    ('guardian-of-the-walls', 'the May conflict', 'date', '2021-05'),
    ('israel-drone-2021-05', 'the May conflict', 'date', '2021-05'),
    ('israel-drone-2021-05', 'a drone piloted', 'weapon', 'drone'),
    ('israel-drone-2021-05', 'a drone piloted', 'place', 'israel'),
    ('hamas-drones-2021-05', 'Iranian-style', 'weapon', 'iranian-style-drone'),
    ('hamas-drones-2021-05', 'Iranian-style', 'attacker', 'hamas'),
    ('iron-dome-2021-05', 'shot at least one', 'outcome:iranian-style-drone', 'intercepted'),
    ('iron-dome-2021-05', 'shot at least one', 'outcome:iron-dome', 'intercepted'),
    ('israel-laser-2021-06-21', 'On Monday', 'date', '2021-06-21')
)
INSERT INTO claim (incident_id, quote_id, field, value)
SELECT (SELECT id FROM incident WHERE key = claimed.incident),
       (SELECT q.id FROM quote AS q JOIN incident AS i ON i.id = q.incident_id
        WHERE i.key = claimed.incident AND instr(q.exact, claimed.words)),
       field, value
FROM claimed WHERE true ON CONFLICT DO NOTHING;

WITH tie (incident, other, kind) AS (VALUES
    ('israel-drone-2021-05', 'guardian-of-the-walls', 'part_of'),
    ('hamas-drones-2021-05', 'guardian-of-the-walls', 'part_of'),
    ('iron-dome-2021-05', 'hamas-drones-2021-05', 'part_of')
)
INSERT INTO incident_link (from_id, to_id, kind)
SELECT (SELECT id FROM incident WHERE key = tie.incident), (SELECT id FROM incident WHERE key = tie.other), kind
FROM tie WHERE true ON CONFLICT DO NOTHING;
