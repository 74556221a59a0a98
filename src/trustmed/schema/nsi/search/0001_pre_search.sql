-- Looking up dictionary rows by code, by words of the name, by parts of words.

-- Cyrillic trigrams need an lc_ctype that knows Cyrillic letters; the topology makes databases so.
create extension if not exists pg_trgm with schema trustmed;
create extension if not exists btree_gin with schema trustmed;

-- One spelling of what is written in several: small letters, ё as е, Latin letters that look like Russian capitals as
-- Russian, signs as spaces (the full stop stays: codes have it), invisible characters away.
-- trustmed.patient.writing.folded does the same to what is typed.
create function nsi.folded(written text) returns text
language sql immutable strict parallel safe
return regexp_replace(
    translate(
        lower(normalize(written)),
        'ёabcehkmoptxy'
            || E'()[]{}<>«»„“”‘’"''`´,;:!?/\\|+*=–—-−\u2010‑―№%_&#@^~$§°…·•‰×†≤≥¬\u00a0\u2002\u2003\u2007\u2008\u2009\u202f\t\r\n'
            || E'\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff',
        'еавсенкмортху' || repeat(' ', 67)
    ),
    ' {2,}', ' ', 'g'
);

-- Since when a row is kept only for what was written with it, as YYYYMMDD: the day its end came, as its keeper names it;
-- empty (before every day) where the keeper only says that it is not in use. Null: in use.
create function nsi.past_since(content jsonb) returns text
language sql immutable strict parallel safe
return case
    when lower(coalesce(content ->> 'ACTUAL', content ->> 'Actual', content ->> 'REL')) in ('0', 'false') then ''
    when coalesce(content ->> 'DATEOUT', content ->> 'DATA_END', content ->> 'END_DATE') ~ '^\d{2}\.\d{2}\.\d{4}$'
    then regexp_replace(
        coalesce(content ->> 'DATEOUT', content ->> 'DATA_END', content ->> 'END_DATE'), '^(..).(..).(....)$', '\3\2\1'
    )
end;

alter table nsi.entry add column past_since text generated always as (nsi.past_since(content)) stored;

-- ` code | name `: words of either are found by their beginning after a space, or by a part of three letters and more.
alter table nsi.entry add column sought text
    generated always as (' ' || coalesce(nsi.folded(code), '') || ' | ' || nsi.folded(name) || ' ') stored;
create index entry_sought on nsi.entry using gin (
    (oid || ' ' || version) trustmed.text_ops, sought trustmed.gin_trgm_ops
);

-- How the name begins, for the shortest of searches: a letter or two have no trigrams worth reading.
alter table nsi.entry add column begins text
    generated always as (left(ltrim(nsi.folded(name)), 60)) stored;
create index entry_begins on nsi.entry (oid, version, begins);
