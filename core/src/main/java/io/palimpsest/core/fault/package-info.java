/** Misbehaviour on request: a disk in memory that crash tests run on, and broken rules that checkers must find. */
package io.palimpsest.core.fault;
