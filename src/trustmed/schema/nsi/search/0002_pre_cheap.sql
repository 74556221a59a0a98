-- The same answers at a third of the price: a site folds every row it receives. One pass over signs instead of a
-- translation of each letter by a long list, and the name's beginning taken from the line that is folded already.

create or replace function nsi.folded(written text) returns text
language sql immutable strict parallel safe
return regexp_replace(
    translate(
        lower(case when written is normalized then written else normalize(written) end),
        E'ёabcehkmoptxy\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff',
        'еавсенкмортху'
    ),
    E'[ \t\r\n!-\\-/:-@\\[-`{-~«»„“”‘’´–—\u2010\u2011\u2015\u2212№§°…·•‰×†≤≥¬\u00a0\u2002\u2003\u2007\u2008\u2009\u202f]+',
    ' ',
    'g'
);

drop index nsi.entry_begins;
alter table nsi.entry drop column begins;
create index entry_begins on nsi.entry (oid, version, substr(sought, strpos(sought, '| ') + 2, 60));
