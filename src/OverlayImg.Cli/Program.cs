using OverlayImg.Cli;

return await Session.RunAsync(args);
