using OverlayImg.Cli;

// The signals come first: from here on nothing that the tool makes is left behind by one.
using var signals = TerminationSignals.Install();
return await new Session(signals).RunAsync(args);
