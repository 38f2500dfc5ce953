/**
 * The crash harness: a child process runs a workload on a directory and acknowledges each commit on its standard
 * output; the parent kills it with SIGKILL at a random moment, reopens the directory and checks that every acknowledged
 * commit is there whole and no unfinished one is.
 */
package io.palimpsest.stress.crash;
