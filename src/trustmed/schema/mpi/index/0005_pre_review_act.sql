-- Which act answered a question: undoing the act asks it again.
alter table mpi.review add column act_id uuid;
create index review_act on mpi.review (act_id) where act_id is not null;
