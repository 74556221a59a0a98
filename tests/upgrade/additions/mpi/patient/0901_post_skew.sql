drop table mpi.skew_former;
