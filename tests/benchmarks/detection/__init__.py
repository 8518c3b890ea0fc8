"""What detection finds in simulated worlds, beside what simpler methods find there."""
