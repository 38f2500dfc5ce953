/**
 * Misbehaviour on request: a disk in memory that crash tests run on, files whose calls
 * are counted or fail, and broken rules that checkers must find.
 */
package io.palimpsest.core.fault;
