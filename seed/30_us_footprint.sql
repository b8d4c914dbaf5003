-- The US presence in Iraq: return in 2014, hand-overs in 2020, what is left in 2021.
--
-- The bases handed over have one sentence between them, so each has it as its quote.

INSERT INTO incident (kind, key, title, summary, event_type, sub_event_type, date_edtf, place_id, status) VALUES
    ('context', 'us-return-2014', 'US forces return to Iraq',
     'They came back to help fight ISIS.',
     'deployment', 'Change to group/activity', '2014', (SELECT id FROM place WHERE key = 'iraq'), 'reviewed'),
    ('incident', 'handover-taji-2020', 'US hands over Camp Taji',
     'One of the facilities that the US gave up in 2020.',
     'base-handover', 'Change to group/activity', '2020', (SELECT id FROM place WHERE key = 'camp-taji'), 'reviewed'),
    ('incident', 'handover-q-west-2020', 'US hands over Q-West',
     'One of the facilities that the US gave up in 2020.',
     'base-handover', 'Change to group/activity', '2020', (SELECT id FROM place WHERE key = 'q-west'), 'reviewed'),
    ('incident', 'handover-k-1-2020', 'US hands over K-1 near Kirkuk',
     'One of the facilities that the US gave up in 2020.',
     'base-handover', 'Change to group/activity', '2020', (SELECT id FROM place WHERE key = 'k-1'), 'reviewed'),
    ('aggregate', 'handovers-2020', 'US hands over most facilities in Iraq',
     'Most US facilities in Iraq were handed over in 2020; three are named.',
     'base-handover', 'Change to group/activity', '2020', (SELECT id FROM place WHERE key = 'iraq'), 'reviewed'),
    ('context', 'us-sites-2021-05', 'US forces concentrate in Baghdad and Erbil',
     'A handful of facilities is left: near Baghdad’s airport, Union III, near Erbil, and Ain al-Asad.',
     'deployment', 'Change to group/activity', '../2021-05-08', (SELECT id FROM place WHERE key = 'iraq'), 'reviewed'),
    ('context', 'balad-contractors-2021', 'Only contractors, no soldiers, at Balad',
     'The US has contractors at Balad and no soldiers any more.',
     'deployment', 'Change to group/activity', '../2021-05-08', (SELECT id FROM place WHERE key = 'balad'), 'reviewed'),
    -- "In the last year and a half", said in June 2021: since about the end of 2019.
    ('context', 'us-footprint-2021', 'US reduces its footprint in Iraq',
     'In a year and a half US forces have drawn back to a few locations.',
     'deployment', 'Change to group/activity', '2019-12~/2021-06-22', (SELECT id FROM place WHERE key = 'iraq'), 'reviewed')
ON CONFLICT DO NOTHING;

-- `host` is who holds an event that is no attack: here, who gives up or moves in.
WITH who (incident, actor, role, attribution) AS (VALUES
    ('us-return-2014', 'us-forces', 'host', 'known'),
    ('us-return-2014', 'isis', 'affected', 'known'),
    ('handover-taji-2020', 'us-forces', 'host', 'known'),
    ('handover-q-west-2020', 'us-forces', 'host', 'known'),
    ('handover-k-1-2020', 'us-forces', 'host', 'known'),
    ('handovers-2020', 'us-forces', 'host', 'known'),
    ('us-sites-2021-05', 'us-forces', 'host', 'known'),
    ('balad-contractors-2021', 'us-contractors', 'host', 'known'),
    ('us-footprint-2021', 'us-forces', 'host', 'known')
)
INSERT INTO incident_actor (incident_id, actor_id, role, attribution)
SELECT (SELECT id FROM incident WHERE key = who.incident), (SELECT id FROM actor WHERE key = who.actor), role, attribution
FROM who WHERE true ON CONFLICT DO NOTHING;

WITH words (incident, document, "start", prefix, suffix, exact) AS (VALUES
    ('us-return-2014', 'jpost-2021-06-22', 2122, NULL, NULL,
     'The US returned to Iraq in 2014'),
    ('handover-taji-2020', 'jpost-2021-05-08', 1800, NULL, NULL,
     'handed over most of its facilities in 2020, including Camp Taji'),
    ('handover-q-west-2020', 'jpost-2021-05-08', 1800, NULL, NULL,
     'handed over most of its facilities in 2020, including Camp Taji, Q-West'),
    ('handover-k-1-2020', 'jpost-2021-05-08', 1800, NULL, NULL,
     'handed over most of its facilities in 2020, including Camp Taji, Q-West, K-1 near Kirkuk'),
    ('handovers-2020', 'jpost-2021-05-08', 1800, NULL, NULL,
     'handed over most of its facilities in 2020'),
    ('us-sites-2021-05', 'jpost-2021-05-08', 698, NULL, NULL,
     'only a handful of facilities'),
    ('us-sites-2021-05', 'jpost-2021-05-08', 2042, NULL, NULL,
     'Union III near the embassy, as well as near Erbil'),
    ('balad-contractors-2021', 'jpost-2021-05-08', 1929, NULL, NULL,
     'the US has only contractors now'),
    ('us-footprint-2021', 'jpost-2021-06-22', 1844, NULL, NULL,
     'reduced its footprint in Iraq in the last year and a half')
)
INSERT INTO quote (incident_id, document_id, "start", "end", exact, prefix, suffix)
SELECT (SELECT id FROM incident WHERE key = words.incident), (SELECT id FROM document WHERE key = words.document),
       words."start", words."start" + length(exact), exact, prefix, suffix
FROM words
WHERE (incident, exact) NOT IN (SELECT i.key, q.exact FROM quote AS q JOIN incident AS i ON i.id = q.incident_id);

WITH claimed (incident, words, field, value) AS (VALUES
    ('us-return-2014', 'in 2014', 'date', '2014'),
    ('handover-taji-2020', 'Camp Taji', 'date', '2020'),
    ('handover-taji-2020', 'Camp Taji', 'place', 'camp-taji'),
    ('handover-q-west-2020', 'Q-West', 'date', '2020'),
    ('handover-q-west-2020', 'Q-West', 'place', 'q-west'),
    ('handover-k-1-2020', 'K-1', 'date', '2020'),
    ('handover-k-1-2020', 'K-1', 'place', 'k-1'),
    ('handovers-2020', 'facilities in 2020', 'date', '2020'),
    ('us-footprint-2021', 'last year and a half', 'date', '2019-12~/2021-06-22')
)
INSERT INTO claim (incident_id, quote_id, field, value)
SELECT (SELECT id FROM incident WHERE key = claimed.incident),
       (SELECT q.id FROM quote AS q JOIN incident AS i ON i.id = q.incident_id
        WHERE i.key = claimed.incident AND instr(q.exact, claimed.words)),
       field, value
FROM claimed WHERE true ON CONFLICT DO NOTHING;

WITH tie (incident, other, kind) AS (VALUES
    ('handover-taji-2020', 'handovers-2020', 'part_of'),
    ('handover-q-west-2020', 'handovers-2020', 'part_of'),
    ('handover-k-1-2020', 'handovers-2020', 'part_of'),
    ('balad-contractors-2021', 'us-sites-2021-05', 'part_of')
)
INSERT INTO incident_link (from_id, to_id, kind)
SELECT (SELECT id FROM incident WHERE key = tie.incident), (SELECT id FROM incident WHERE key = tie.other), kind
FROM tie WHERE true ON CONFLICT DO NOTHING;
