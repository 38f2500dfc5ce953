/** The dynamic management views. */
package io.palimpsest.dmv;
