-- The drone at Ain al-Asad, Saturday 8 May 2021.
--
-- Disputed: a drone (Coalition, Security Media Cell, the article) or rockets (what Press TV says of the defences)?
-- Not disputed: the Coalition's surveillance drone and the Security Media Cell's explosives-laden one, since `system`
-- has the second as a kind of drone and nothing forbids that it was both.

INSERT INTO incident (key, title, summary, event_type, sub_event_type, date_edtf, place_id,
                      injured_low, injured_best, injured_high, damage, grade, credibility, status) VALUES
    ('asad-drone-2021-05-08', 'Drone damages hangar at Ain al-Asad',
     'A drone came down inside the air base about two in the morning and damaged a hangar. Iran’s Press TV, citing'
     || ' a report, speaks of rockets that two air-defence systems failed to stop.',
     'drone-strike', 'Air/drone strike', '2021-05-08T02', (SELECT id FROM place WHERE key = 'ain-al-asad'),
     0, 0, 0, 'A hangar was damaged', 'fair', 2, 'reviewed')
ON CONFLICT DO NOTHING;

WITH who (incident, actor, role, attribution) AS (VALUES
    ('asad-drone-2021-05-08', 'coalition', 'target', 'known'),
    ('asad-drone-2021-05-08', 'us-forces', 'target', 'known'),
    ('asad-drone-2021-05-08', 'pro-iran-groups', 'attacker', 'suspected')
)
INSERT INTO incident_actor (incident_id, actor_id, role, attribution)
SELECT (SELECT id FROM incident WHERE key = who.incident), (SELECT id FROM actor WHERE key = who.actor), role, attribution
FROM who WHERE true ON CONFLICT DO NOTHING;

WITH used (incident, system, role, outcome, low, best, high) AS (VALUES
    ('asad-drone-2021-05-08', 'explosive-drone', 'munition', 'hit', 1, 1, 1),
    ('asad-drone-2021-05-08', 'c-ram', 'air_defence', 'missed', NULL, NULL, NULL),
    ('asad-drone-2021-05-08', 'patriot-pac-2', 'air_defence', 'missed', NULL, NULL, NULL)
)
INSERT INTO incident_system (incident_id, system_id, role, outcome, count_low, count_best, count_high)
SELECT (SELECT id FROM incident WHERE key = used.incident), (SELECT id FROM system WHERE key = used.system),
       role, outcome, low, best, high
FROM used WHERE true ON CONFLICT DO NOTHING;

WITH words (incident, document, "start", prefix, suffix, exact) AS (VALUES
    ('asad-drone-2021-05-08', 'jpost-2021-05-08', 606, NULL, NULL,
     'A drone targeted a large base in Iraq where US forces are located on Saturday'),
    ('asad-drone-2021-05-08', 'jpost-2021-05-08', 862, NULL, NULL,
     'just after two in the morning, “Ain al-Asad Air Base was attacked by an unmanned aerial surveillance system'),
    ('asad-drone-2021-05-08', 'jpost-2021-05-08', 971, NULL, NULL,
     'No injuries reported. A hangar was damaged.'),
    ('asad-drone-2021-05-08', 'jpost-2021-05-08', 1313, NULL, NULL,
     'pro-Iran groups were likely responsible'),
    ('asad-drone-2021-05-08', 'jpost-2021-05-08', 1390, NULL, NULL,
     'western province of Anbar housing American troops has come under attack, damaging a hangar'),
    ('asad-drone-2021-05-08', 'jpost-2021-05-08', 1558, NULL, NULL,
     'an explosives-laden drone had crashed inside the air base'),
    ('asad-drone-2021-05-08', 'jpost-2021-05-08', 2160, NULL, NULL,
     'greeted with suspicion because they came from Sabereen News'),
    ('asad-drone-2021-05-08', 'jpost-2021-05-08', 2722, NULL, NULL,
     'C-RAM systems as well as Patriot Advanced Capability-2 (PAC-2) missile systems deployed at the base failed to intercept the rockets')
)
INSERT INTO quote (incident_id, document_id, "start", "end", exact, prefix, suffix)
SELECT (SELECT id FROM incident WHERE key = words.incident), (SELECT id FROM document WHERE key = words.document),
       words."start", words."start" + length(exact), exact, prefix, suffix
FROM words
WHERE (incident, exact) NOT IN (SELECT i.key, q.exact FROM quote AS q JOIN incident AS i ON i.id = q.incident_id);

-- Who speaks.  A quote without a line here is the article's own voice.  Press TV's "report" has no name in the text,
-- so that chain ends where the text ends, at Press TV.
WITH said (incident, words, step, actor, verb) AS (VALUES
    ('asad-drone-2021-05-08', 'just after two', 1, 'coalition', 'said'),
    ('asad-drone-2021-05-08', 'No injuries', 1, 'coalition', 'said'),
    ('asad-drone-2021-05-08', 'western province of Anbar', 1, 'press-tv', 'said'),
    ('asad-drone-2021-05-08', 'explosives-laden drone', 1, 'security-media-cell', 'said'),
    ('asad-drone-2021-05-08', 'failed to intercept', 1, 'press-tv', 'says')
)
INSERT INTO attribution (quote_id, step, actor_id, verb)
SELECT (SELECT q.id FROM quote AS q JOIN incident AS i ON i.id = q.incident_id
        WHERE i.key = said.incident AND instr(q.exact, said.words)),
       step, (SELECT id FROM actor WHERE key = said.actor), verb
FROM said WHERE true ON CONFLICT DO NOTHING;

WITH claimed (incident, words, field, value) AS (VALUES
    ('asad-drone-2021-05-08', 'on Saturday', 'date', '2021-05-08'),
    ('asad-drone-2021-05-08', 'on Saturday', 'weapon', 'drone'),
    ('asad-drone-2021-05-08', 'just after two', 'date', '2021-05-08T02'),
    ('asad-drone-2021-05-08', 'just after two', 'weapon', 'drone'),
    ('asad-drone-2021-05-08', 'just after two', 'place', 'ain-al-asad'),
    ('asad-drone-2021-05-08', 'No injuries', 'injured', '0'),
    ('asad-drone-2021-05-08', 'No injuries', 'damage', 'A hangar was damaged'),
    ('asad-drone-2021-05-08', 'pro-Iran groups', 'attacker', 'pro-iran-groups'),
    ('asad-drone-2021-05-08', 'western province of Anbar', 'place', 'anbar'),
    ('asad-drone-2021-05-08', 'western province of Anbar', 'damage', 'A hangar was damaged'),
    ('asad-drone-2021-05-08', 'explosives-laden drone', 'weapon', 'explosive-drone'),
    ('asad-drone-2021-05-08', 'failed to intercept', 'weapon', 'rocket'),
    ('asad-drone-2021-05-08', 'failed to intercept', 'outcome:c-ram', 'missed'),
    ('asad-drone-2021-05-08', 'failed to intercept', 'outcome:patriot-pac-2', 'missed')
)
INSERT INTO claim (incident_id, quote_id, field, value)
SELECT (SELECT id FROM incident WHERE key = claimed.incident),
       (SELECT q.id FROM quote AS q JOIN incident AS i ON i.id = q.incident_id
        WHERE i.key = claimed.incident AND instr(q.exact, claimed.words)),
       field, value
FROM claimed WHERE true ON CONFLICT DO NOTHING;
