-- The longer run of attacks on US forces in Iraq, from the roadside bombs of the early 2000s to the drones of 2021.
--
-- These are aggregates: many attacks in one sentence.  They stand on the timeline, marked as what they are, and are
-- not counted as incidents.  "Hundreds" killed is a floor of two hundred with nothing known above it.

INSERT INTO incident (kind, key, title, summary, event_type, sub_event_type, date_edtf, place_id, killed_low, status) VALUES
    ('aggregate', 'efps-2000s', 'EFPs kill hundreds of US troops in Iraq',
     'Roadside bombs made with technical knowledge from Iran were used against US troops in the early 2000s.',
     'bombing', 'Remote explosive/landmine/IED', '[2000..2004]', (SELECT id FROM place WHERE key = 'iraq'), 200, 'reviewed'),
    ('aggregate', 'rockets-2019', 'Rocket attacks on US forces in Iraq',
     'Attacks on the US in 2019, many of them with rockets.',
     'rocket-fire', 'Shelling/artillery/missile attack', '2019', (SELECT id FROM place WHERE key = 'iraq'), NULL, 'reviewed'),
    ('aggregate', 'kataib-attacks', 'Kataib Hezbollah coordinates attacks on US',
     'The militia has coordinated attacks against the US since 2019.',
     'attack', NULL, '2019/..', (SELECT id FROM place WHERE key = 'iraq'), NULL, 'reviewed'),
    ('aggregate', 'militia-rockets', 'Militias fire 107mm and 122mm rockets',
     'The article’s account of what Iran likes its allies in Iraq to use; no attack in particular.',
     'rocket-fire', 'Shelling/artillery/missile attack', '../2021-05-08', (SELECT id FROM place WHERE key = 'iraq'), NULL, 'reviewed'),
    ('aggregate', 'attacks-2021-to-may', 'Attacks on bases in Iraq increase',
     'More and more attacks since January, says the Coalition’s spokesman; now with drones, says the article.',
     'attack', NULL, '2021-01/2021-05-08', (SELECT id FROM place WHERE key = 'iraq'), NULL, 'reviewed'),
    ('aggregate', 'attacks-2021-to-june', '45 attacks this year, about 7 with drones',
     'The count of attacks on US forces in Iraq from the start of 2021 to 22 June.',
     'attack', NULL, '2021-01/2021-06-22', (SELECT id FROM place WHERE key = 'iraq'), NULL, 'reviewed'),
    ('aggregate', 'all-sites-attacked', 'All remaining US sites come under attack',
     'Victory, Union III, al-Asad and Erbil, and the contractors at Balad; no days given.',
     'attack', NULL, '../2021-06-22', (SELECT id FROM place WHERE key = 'iraq'), NULL, 'reviewed'),
    ('aggregate', 'union-iii-attacked', 'Union III comes under attack',
     'One of "all these locations", near the US embassy in Baghdad; how often and when is not said.',
     'attack', NULL, '../2021-06-22', (SELECT id FROM place WHERE key = 'union-iii'), NULL, 'reviewed'),
    ('aggregate', 'balad-contractors-attacked', 'US contractors at Balad come under attack',
     'Said in passing, without a day; it may be the attack on Balad of which Press TV’s report speaks.',
     'attack', NULL, '../2021-06-22', (SELECT id FROM place WHERE key = 'balad'), NULL, 'reviewed')
ON CONFLICT DO NOTHING;

WITH who (incident, actor, role, attribution) AS (VALUES
    ('efps-2000s', 'iran', 'attacker', 'known'),  -- sent the know-how
    ('efps-2000s', 'us-forces', 'target', 'known'),
    ('rockets-2019', 'us-forces', 'target', 'known'),
    ('kataib-attacks', 'kataib-hezbollah', 'attacker', 'known'),
    ('kataib-attacks', 'us-forces', 'target', 'known'),
    ('militia-rockets', 'pro-iran-groups', 'attacker', 'known'),
    ('militia-rockets', 'iran', 'attacker', 'suspected'),
    ('attacks-2021-to-may', 'coalition', 'target', 'known'),
    ('attacks-2021-to-may', 'us-forces', 'target', 'known'),
    ('attacks-2021-to-may', 'pro-iran-groups', 'attacker', 'suspected'),
    ('attacks-2021-to-june', 'us-forces', 'target', 'known'),
    ('all-sites-attacked', 'us-forces', 'target', 'known'),
    ('all-sites-attacked', 'us-contractors', 'target', 'known'),
    ('union-iii-attacked', 'us-forces', 'target', 'known'),
    ('balad-contractors-attacked', 'us-contractors', 'target', 'known')
)
INSERT INTO incident_actor (incident_id, actor_id, role, attribution)
SELECT (SELECT id FROM incident WHERE key = who.incident), (SELECT id FROM actor WHERE key = who.actor), role, attribution
FROM who WHERE true ON CONFLICT DO NOTHING;

WITH used (incident, system, role, outcome, low, best, high) AS (VALUES
    ('efps-2000s', 'efp', 'munition', 'hit', NULL, NULL, NULL),
    ('rockets-2019', 'rocket', 'munition', NULL, NULL, NULL, NULL),
    ('militia-rockets', 'rocket-107mm', 'munition', NULL, NULL, NULL, NULL),
    ('militia-rockets', 'rocket-122mm', 'munition', NULL, NULL, NULL, NULL),
    ('attacks-2021-to-may', 'drone', 'munition', NULL, NULL, NULL, NULL),
    ('attacks-2021-to-june', 'drone', 'munition', NULL, NULL, NULL, NULL)  -- about seven attacks had drones, which gives no number of drones
)
INSERT INTO incident_system (incident_id, system_id, role, outcome, count_low, count_best, count_high)
SELECT (SELECT id FROM incident WHERE key = used.incident), (SELECT id FROM system WHERE key = used.system),
       role, outcome, low, best, high
FROM used WHERE true ON CONFLICT DO NOTHING;

WITH words (incident, document, "start", prefix, suffix, exact) AS (VALUES
    ('efps-2000s', 'jpost-2021-05-08', 4256, NULL, NULL,
     'EFPs to strike at US troops in Iraq in the early 2000s, killing hundreds'),
    ('rockets-2019', 'jpost-2021-05-08', 1727, NULL, NULL,
     'in 2019, there were numerous rocket attacks'),
    ('kataib-attacks', 'jpost-2021-05-08', 2421, NULL, NULL,
     'Kataib Hezbollah, a major militia, has coordinated attacks against the US since 2019'),
    ('militia-rockets', 'jpost-2021-05-08', 4138, NULL, NULL,
     '107mm rockets and 122mm rockets'),
    ('attacks-2021-to-may', 'jpost-2021-05-08', 1139, NULL, NULL,
     'an increasing number since January'),
    ('attacks-2021-to-may', 'jpost-2021-05-08', 4330, NULL, NULL,
     'Now its allies in Iraq use drones'),
    ('attacks-2021-to-june', 'jpost-2021-06-22', 113, NULL, NULL,
     'believed to have been 45 attacks this year on US forces in Iraq, and around seven of them have involved drones'),
    ('all-sites-attacked', 'jpost-2021-06-22', 2032, NULL, NULL,
     'All these locations have come under attack'),
    ('union-iii-attacked', 'jpost-2021-06-22', 1963, NULL, NULL,
     'Union III in Baghdad'),
    ('union-iii-attacked', 'jpost-2021-06-22', 2032, NULL, NULL,
     'All these locations have come under attack'),
    ('balad-contractors-attacked', 'jpost-2021-06-22', 2087, NULL, NULL,
     'US contractors at Balad Air Base')
)
INSERT INTO quote (incident_id, document_id, "start", "end", exact, prefix, suffix)
SELECT (SELECT id FROM incident WHERE key = words.incident), (SELECT id FROM document WHERE key = words.document),
       words."start", words."start" + length(exact), exact, prefix, suffix
FROM words
WHERE (incident, exact) NOT IN (SELECT i.key, q.exact FROM quote AS q JOIN incident AS i ON i.id = q.incident_id);

WITH said (incident, words, step, actor, verb) AS (VALUES
    ('attacks-2021-to-may', 'increasing number', 1, 'wayne-marotto', 'said')
)
INSERT INTO attribution (quote_id, step, actor_id, verb)
SELECT (SELECT q.id FROM quote AS q JOIN incident AS i ON i.id = q.incident_id
        WHERE i.key = said.incident AND instr(q.exact, said.words)),
       step, (SELECT id FROM actor WHERE key = said.actor), verb
FROM said WHERE true ON CONFLICT DO NOTHING;

WITH claimed (incident, words, field, value) AS (VALUES
    ('efps-2000s', 'early 2000s', 'date', '[2000..2004]'),
    ('efps-2000s', 'early 2000s', 'weapon', 'efp'),
    ('rockets-2019', 'in 2019', 'date', '2019'),
    ('rockets-2019', 'in 2019', 'weapon', 'rocket'),
    ('kataib-attacks', 'since 2019', 'date', '2019/..'),
    ('kataib-attacks', 'since 2019', 'attacker', 'kataib-hezbollah'),
    ('attacks-2021-to-may', 'since January', 'date', '2021-01/2021-05-08'),
    ('attacks-2021-to-may', 'allies in Iraq', 'weapon', 'drone'),
    ('attacks-2021-to-june', '45 attacks', 'date', '2021-01/2021-06-22'),
    ('union-iii-attacked', 'Union III', 'place', 'union-iii'),
    ('balad-contractors-attacked', 'Balad', 'place', 'balad')
)
INSERT INTO claim (incident_id, quote_id, field, value)
SELECT (SELECT id FROM incident WHERE key = claimed.incident),
       (SELECT q.id FROM quote AS q JOIN incident AS i ON i.id = q.incident_id
        WHERE i.key = claimed.incident AND instr(q.exact, claimed.words)),
       field, value
FROM claimed WHERE true ON CONFLICT DO NOTHING;

-- The attacks that have a row of their own are parts of these.
WITH tie (incident, other, kind) AS (VALUES
    ('asad-drone-2021-05-08', 'attacks-2021-to-june', 'part_of'),
    ('asad-rockets-2021-05', 'attacks-2021-to-june', 'part_of'),
    ('asad-rockets-2021-06-20', 'attacks-2021-to-june', 'part_of'),
    ('erbil-drone-2021-04', 'attacks-2021-to-june', 'part_of'),
    ('victory-drones-2021-06-21', 'attacks-2021-to-june', 'part_of'),
    ('asad-drone-2021-05-08', 'attacks-2021-to-may', 'part_of'),
    ('asad-rockets-2021-05', 'attacks-2021-to-may', 'part_of'),
    ('erbil-drone-2021-04', 'attacks-2021-to-may', 'part_of'),
    ('union-iii-attacked', 'all-sites-attacked', 'part_of'),
    ('balad-contractors-attacked', 'all-sites-attacked', 'part_of'),
    ('balad-contractors-attacked', 'balad-2021', 'related'),
    ('asad-rockets-2021-06-20', 'victory-drones-2021-06-21', 'related'),
    ('asad-rockets-2021-05', 'asad-drone-2021-05-08', 'related')
)
INSERT INTO incident_link (from_id, to_id, kind)
SELECT (SELECT id FROM incident WHERE key = tie.incident), (SELECT id FROM incident WHERE key = tie.other), kind
FROM tie WHERE true ON CONFLICT DO NOTHING;
