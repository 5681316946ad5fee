using OverlayImg.Cli;

return await Invocation.RunAsync(args);
