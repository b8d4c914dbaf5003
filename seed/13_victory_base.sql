-- Rockets at Ain al-Asad on Sunday 20 June 2021, drones at Victory base a day or two later.
--
-- "On Sunday, rockets were reportedly fired" and the Katyusha that landed "less than two days before" are taken for one
-- incident: same base, same day.  Victory base is disputed: "early on Tuesday" (22 June) by Sabereen News, Monday
-- (21 June) by the article itself, whose reading is the pick.

INSERT INTO incident (key, title, summary, event_type, sub_event_type, date_edtf, place_id,
                      killed_low, killed_best, killed_high, injured_low, injured_best, injured_high,
                      grade, credibility, status) VALUES
    ('asad-rockets-2021-06-20', 'Katyusha rocket lands at Ain al-Asad',
     'Rockets were fired at the air base; an Iraqi force speaks of one Katyusha that landed and hurt nobody.',
     'rocket-fire', 'Shelling/artillery/missile attack', '2021-06-20', (SELECT id FROM place WHERE key = 'ain-al-asad'),
     0, 0, 0, 0, 0, 0, 'weak', 2, 'reviewed'),
    ('victory-drones-2021-06-21', 'Two drones strike Victory base, Baghdad',
     'Two fixed-wing drones laden with explosives struck inside the base, by one Telegram channel; the two air-defence'
     || ' systems there did not stop them.',
     'drone-strike', 'Air/drone strike', '2021-06-21', (SELECT id FROM place WHERE key = 'victory-base'),
     NULL, NULL, NULL, NULL, NULL, NULL, 'weak', 3, 'reviewed')
ON CONFLICT DO NOTHING;

WITH who (incident, actor, role, attribution) AS (VALUES
    ('asad-rockets-2021-06-20', 'us-forces', 'target', 'known'),
    ('victory-drones-2021-06-21', 'us-forces', 'target', 'known'),
    ('victory-drones-2021-06-21', 'iran', 'attacker', 'suspected')
)
INSERT INTO incident_actor (incident_id, actor_id, role, attribution)
SELECT (SELECT id FROM incident WHERE key = who.incident), (SELECT id FROM actor WHERE key = who.actor), role, attribution
FROM who WHERE true ON CONFLICT DO NOTHING;

WITH used (incident, system, role, outcome, low, best, high) AS (VALUES
    ('asad-rockets-2021-06-20', 'katyusha', 'munition', 'hit', 1, NULL, NULL),  -- one Katyusha by one account, "rockets" by the other
    ('victory-drones-2021-06-21', 'fixed-wing-drone', 'munition', 'hit', 2, 2, 2),
    ('victory-drones-2021-06-21', 'c-ram', 'air_defence', 'missed', NULL, NULL, NULL),
    ('victory-drones-2021-06-21', 'avenger', 'air_defence', 'missed', NULL, NULL, NULL)
)
INSERT INTO incident_system (incident_id, system_id, role, outcome, count_low, count_best, count_high)
SELECT (SELECT id FROM incident WHERE key = used.incident), (SELECT id FROM system WHERE key = used.system),
       role, outcome, low, best, high
FROM used WHERE true ON CONFLICT DO NOTHING;

WITH words (incident, document, "start", prefix, suffix, exact) AS (VALUES
    ('asad-rockets-2021-06-20', 'jpost-2021-06-22', 226, NULL, NULL,
     'On Sunday, rockets were reportedly fired at US forces at Ain al-Asad'),
    ('asad-rockets-2021-06-20', 'jpost-2021-06-22', 1319, NULL, NULL,
     'less than two days after'),
    ('asad-rockets-2021-06-20', 'jpost-2021-06-22', 1381, NULL, NULL,
     'a Katyusha rocket had landed at Ain al-Asad Airbase'),
    ('asad-rockets-2021-06-20', 'jpost-2021-06-22', 1521, NULL, NULL,
     'without causing casualties'),
    ('victory-drones-2021-06-21', 'jpost-2021-06-22', 454, NULL, NULL,
     'two fixed-wing combat drones laden with explosives had struck targets inside Victory base early on Tuesday'),
    ('victory-drones-2021-06-21', 'jpost-2021-06-22', 643, NULL, NULL,
     'Tehran is likely behind the attack'),
    ('victory-drones-2021-06-21', 'jpost-2021-06-22', 779, NULL, NULL,
     'C-RAM systems as well as AN/TWQ-1 Avenger missile systems deployed at the base were not able to intercept the aircraft'),
    ('victory-drones-2021-06-21', 'jpost-2021-06-22', 949, NULL, NULL,
     'on Tuesday, when it appears it happened on Monday')
)
INSERT INTO quote (incident_id, document_id, "start", "end", exact, prefix, suffix)
SELECT (SELECT id FROM incident WHERE key = words.incident), (SELECT id FROM document WHERE key = words.document),
       words."start", words."start" + length(exact), exact, prefix, suffix
FROM words
WHERE (incident, exact) NOT IN (SELECT i.key, q.exact FROM quote AS q JOIN incident AS i ON i.id = q.incident_id);

WITH said (incident, words, step, actor, verb) AS (VALUES
    ('asad-rockets-2021-06-20', 'less than two days', 1, 'press-tv', 'reported'),
    ('asad-rockets-2021-06-20', 'a Katyusha rocket', 1, 'press-tv', 'reported'),
    ('asad-rockets-2021-06-20', 'a Katyusha rocket', 2, 'iraqi-security-force', 'said'),
    ('asad-rockets-2021-06-20', 'without causing', 1, 'press-tv', 'reported'),
    ('asad-rockets-2021-06-20', 'without causing', 2, 'iraqi-security-force', 'said'),
    ('victory-drones-2021-06-21', 'two fixed-wing', 1, 'press-tv', 'reported'),
    ('victory-drones-2021-06-21', 'two fixed-wing', 2, 'sabereen-news', 'reported'),
    ('victory-drones-2021-06-21', 'Avenger', 1, 'press-tv', 'reported'),
    ('victory-drones-2021-06-21', 'Avenger', 2, 'sabereen-news', 'reported')
)
INSERT INTO attribution (quote_id, step, actor_id, verb)
SELECT (SELECT q.id FROM quote AS q JOIN incident AS i ON i.id = q.incident_id
        WHERE i.key = said.incident AND instr(q.exact, said.words)),
       step, (SELECT id FROM actor WHERE key = said.actor), verb
FROM said WHERE true ON CONFLICT DO NOTHING;

WITH claimed (incident, words, field, value) AS (VALUES
    ('asad-rockets-2021-06-20', 'On Sunday', 'date', '2021-06-20'),
    ('asad-rockets-2021-06-20', 'On Sunday', 'weapon', 'rocket'),
    ('asad-rockets-2021-06-20', 'On Sunday', 'place', 'ain-al-asad'),
    ('asad-rockets-2021-06-20', 'less than two days', 'date', '[2021-06-20..2021-06-22]'),  -- less than two days before "early on Tuesday"
    ('asad-rockets-2021-06-20', 'a Katyusha rocket', 'weapon', 'katyusha'),
    ('asad-rockets-2021-06-20', 'a Katyusha rocket', 'place', 'ain-al-asad'),
    ('asad-rockets-2021-06-20', 'without causing', 'killed', '0'),
    ('asad-rockets-2021-06-20', 'without causing', 'injured', '0'),
    ('victory-drones-2021-06-21', 'two fixed-wing', 'date', '2021-06-22'),
    ('victory-drones-2021-06-21', 'two fixed-wing', 'weapon', 'fixed-wing-drone'),
    ('victory-drones-2021-06-21', 'two fixed-wing', 'count:fixed-wing-drone', '2'),
    ('victory-drones-2021-06-21', 'two fixed-wing', 'place', 'victory-base'),
    ('victory-drones-2021-06-21', 'Tehran is likely', 'attacker', 'iran'),
    ('victory-drones-2021-06-21', 'Avenger', 'outcome:c-ram', 'missed'),
    ('victory-drones-2021-06-21', 'Avenger', 'outcome:avenger', 'missed'),
    ('victory-drones-2021-06-21', 'it appears', 'date', '2021-06-21')
)
INSERT INTO claim (incident_id, quote_id, field, value)
SELECT (SELECT id FROM incident WHERE key = claimed.incident),
       (SELECT q.id FROM quote AS q JOIN incident AS i ON i.id = q.incident_id
        WHERE i.key = claimed.incident AND instr(q.exact, claimed.words)),
       field, value
FROM claimed WHERE true ON CONFLICT DO NOTHING;
