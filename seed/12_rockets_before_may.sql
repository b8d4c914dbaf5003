-- Three attacks that Press TV's report of 8 May 2021 looks back on.
--
-- "Last week", said on a Saturday, may be the calendar week before (26 April to 2 May), the Iranian week that ended
-- the day before (1 to 7 May), or the last seven days: one of the days from 26 April to 7 May holds all three.
-- Balad and the airport "had been targeted as well", with no time given: some day up to 8 May.

INSERT INTO incident (key, title, summary, event_type, sub_event_type, date_edtf, place_id, grade, credibility, status) VALUES
    ('asad-rockets-2021-05', 'Two rockets hit Ain al-Asad',
     'Two rockets hit the air base in the week before the drone of 8 May, by the report that Press TV carried.',
     'rocket-fire', 'Shelling/artillery/missile attack', '[2021-04-26..2021-05-07]', (SELECT id FROM place WHERE key = 'ain-al-asad'), 'weak', 3, 'reviewed'),
    ('balad-2021', 'Balad Air Base targeted',
     'Named beside the rockets at Ain al-Asad; the report gives neither the day nor the weapon.',
     'attack', NULL, '[..2021-05-08]', (SELECT id FROM place WHERE key = 'balad'), 'weak', 3, 'reviewed'),
    ('baghdad-airport-2021', 'US facility near Baghdad airport targeted',
     'Named beside the rockets at Ain al-Asad; the report gives neither the day nor the weapon.',
     'attack', NULL, '[..2021-05-08]', (SELECT id FROM place WHERE key = 'us-facility-baghdad-airport'), 'weak', 3, 'reviewed')
ON CONFLICT DO NOTHING;

WITH who (incident, actor, role, attribution) AS (VALUES
    ('asad-rockets-2021-05', 'us-forces', 'target', 'known'),
    -- Balad has "only contractors now, not soldiers", says the same article.
    ('balad-2021', 'us-contractors', 'target', 'suspected'),
    ('baghdad-airport-2021', 'us-forces', 'target', 'known')
)
INSERT INTO incident_actor (incident_id, actor_id, role, attribution)
SELECT (SELECT id FROM incident WHERE key = who.incident), (SELECT id FROM actor WHERE key = who.actor), role, attribution
FROM who WHERE true ON CONFLICT DO NOTHING;

WITH used (incident, system, role, outcome, low, best, high) AS (VALUES
    ('asad-rockets-2021-05', 'rocket', 'munition', 'hit', 2, 2, 2)
)
INSERT INTO incident_system (incident_id, system_id, role, outcome, count_low, count_best, count_high)
SELECT (SELECT id FROM incident WHERE key = used.incident), (SELECT id FROM system WHERE key = used.system),
       role, outcome, low, best, high
FROM used WHERE true ON CONFLICT DO NOTHING;

WITH words (incident, document, "start", prefix, suffix, exact) AS (VALUES
    ('asad-rockets-2021-05', 'jpost-2021-05-08', 2883, NULL, NULL,
     'two rockets had hit Ain Al-Asad base last week'),
    ('balad-2021', 'jpost-2021-05-08', 2939, NULL, NULL,
     'Balad air base and the US facility near Baghdad International Airport had been targeted as well'),
    ('baghdad-airport-2021', 'jpost-2021-05-08', 2958, NULL, NULL,
     'the US facility near Baghdad International Airport had been targeted as well')
)
INSERT INTO quote (incident_id, document_id, "start", "end", exact, prefix, suffix)
SELECT (SELECT id FROM incident WHERE key = words.incident), (SELECT id FROM document WHERE key = words.document),
       words."start", words."start" + length(exact), exact, prefix, suffix
FROM words
WHERE (incident, exact) NOT IN (SELECT i.key, q.exact FROM quote AS q JOIN incident AS i ON i.id = q.incident_id);

WITH said (incident, words, step, actor, verb) AS (VALUES
    ('asad-rockets-2021-05', 'two rockets', 1, 'press-tv', 'noted'),
    ('balad-2021', 'targeted as well', 1, 'press-tv', 'noted'),
    ('baghdad-airport-2021', 'targeted as well', 1, 'press-tv', 'noted')
)
INSERT INTO attribution (quote_id, step, actor_id, verb)
SELECT (SELECT q.id FROM quote AS q JOIN incident AS i ON i.id = q.incident_id
        WHERE i.key = said.incident AND instr(q.exact, said.words)),
       step, (SELECT id FROM actor WHERE key = said.actor), verb
FROM said WHERE true ON CONFLICT DO NOTHING;

WITH claimed (incident, words, field, value) AS (VALUES
    ('asad-rockets-2021-05', 'two rockets', 'date', '[2021-04-26..2021-05-07]'),
    ('asad-rockets-2021-05', 'two rockets', 'weapon', 'rocket'),
    ('asad-rockets-2021-05', 'two rockets', 'count:rocket', '2'),
    ('asad-rockets-2021-05', 'two rockets', 'place', 'ain-al-asad'),
    ('balad-2021', 'targeted as well', 'place', 'balad'),
    ('baghdad-airport-2021', 'targeted as well', 'place', 'us-facility-baghdad-airport')
)
INSERT INTO claim (incident_id, quote_id, field, value)
SELECT (SELECT id FROM incident WHERE key = claimed.incident),
       (SELECT q.id FROM quote AS q JOIN incident AS i ON i.id = q.incident_id
        WHERE i.key = claimed.incident AND instr(q.exact, claimed.words)),
       field, value
FROM claimed WHERE true ON CONFLICT DO NOTHING;
