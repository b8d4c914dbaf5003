-- The killing of Qasem Soleimani and Abu Mahdi al-Muhandis, January 2020.
--
-- The article gives the month, and neither the place nor the means: both stay unknown here.

INSERT INTO incident (key, title, summary, event_type, date_edtf, killed_low, killed_best, grade, credibility, status) VALUES
    ('soleimani-2020-01', 'US kills Soleimani and al-Muhandis',
     'The US killed the head of the Quds Force and the leader of Kataib Hezbollah. Two deaths are named; whether others'
     || ' died is not said.',
     'killing', '2020-01', 2, 2, 'fair', 2, 'reviewed')
ON CONFLICT DO NOTHING;

WITH who (incident, actor, role, attribution) AS (VALUES
    ('soleimani-2020-01', 'us', 'attacker', 'known'),
    ('soleimani-2020-01', 'soleimani', 'target', 'known'),
    ('soleimani-2020-01', 'al-muhandis', 'target', 'known'),
    ('soleimani-2020-01', 'quds-force', 'affected', 'known'),
    ('soleimani-2020-01', 'kataib-hezbollah', 'affected', 'known')
)
INSERT INTO incident_actor (incident_id, actor_id, role, attribution)
SELECT (SELECT id FROM incident WHERE key = who.incident), (SELECT id FROM actor WHERE key = who.actor), role, attribution
FROM who WHERE true ON CONFLICT DO NOTHING;

WITH words (incident, document, "start", prefix, suffix, exact) AS (VALUES
    ('soleimani-2020-01', 'jpost-2021-05-08', 2571, NULL, NULL,
     'The US killed Kataib leader Abu Mahdi al-Muhandis and IRGC Quds Force head Qasem Soleimani in January 2020')
)
INSERT INTO quote (incident_id, document_id, "start", "end", exact, prefix, suffix)
SELECT (SELECT id FROM incident WHERE key = words.incident), (SELECT id FROM document WHERE key = words.document),
       words."start", words."start" + length(exact), exact, prefix, suffix
FROM words
WHERE (incident, exact) NOT IN (SELECT i.key, q.exact FROM quote AS q JOIN incident AS i ON i.id = q.incident_id);

WITH claimed (incident, words, field, value) AS (VALUES
    ('soleimani-2020-01', 'January 2020', 'date', '2020-01'),
    ('soleimani-2020-01', 'January 2020', 'attacker', 'us'),
    ('soleimani-2020-01', 'January 2020', 'killed', '2')
)
INSERT INTO claim (incident_id, quote_id, field, value)
SELECT (SELECT id FROM incident WHERE key = claimed.incident),
       (SELECT q.id FROM quote AS q JOIN incident AS i ON i.id = q.incident_id
        WHERE i.key = claimed.incident AND instr(q.exact, claimed.words)),
       field, value
FROM claimed WHERE true ON CONFLICT DO NOTHING;
