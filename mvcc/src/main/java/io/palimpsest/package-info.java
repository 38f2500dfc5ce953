/** The public API of the engine. Start at {@link io.palimpsest.Engine#open}. */
package io.palimpsest;
