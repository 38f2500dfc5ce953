/** The published anomaly suite as text scripts ({@code src/test/resources/hermitage}), run with real threads. */
package io.palimpsest.stress.hermitage;
